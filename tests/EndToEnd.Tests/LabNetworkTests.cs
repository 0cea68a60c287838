using System.Diagnostics;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The laboratory itself: what the machines' tests lean on.</summary>
public sealed class LabNetworkTests
{
    [Fact]
    public void Its_name_server_answers_with_the_addresses_it_was_given_and_forgets_those_taken_away()
    {
        using TemporaryFolder folder = new();
        using LabNetwork network = new(folder["net"]);
        network.SetRecords("etcd.demo.k8s", ["10.240.0.11", "10.240.0.12"]);
        Resolve(network, LabNetwork.Gateway).ShouldBe(["10.240.0.11", "10.240.0.12"]);
        network.SetRecords("etcd.demo.k8s", ["10.240.0.11"], LabNetwork.SecondServer);
        Resolve(network, LabNetwork.SecondServer).ShouldBe(["10.240.0.11"]);
        network.SetRecords("etcd.demo.k8s", []);
        Resolve(network, LabNetwork.Gateway).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_of_it_outlives_a_program_that_is_killed()
    {
        using TemporaryFolder artifacts = new();
        File.CreateSymbolicLink(artifacts[Path.GetFileName(BakedImage.RawDisk)], BakedImage.RawDisk);
        Directory.CreateSymbolicLink(artifacts["baker"], Path.GetDirectoryName(BakedImage.Baker)!);
        ProcessStartInfo start = new(Judge.Find("dotnet"), [Path.Combine(AppContext.BaseDirectory, "lab.dll"), "boot"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["IMAGES_ARTIFACTS"] = artifacts.FullPath;
        using Process lab = Process.Start(start)!;
        lab.StandardOutput.ReadLine().ShouldStartWith("A shell on it");
        int[] children = ChildrenOf(lab.Id);
        children.Length.ShouldBe(4, "the namespace's holder, two name servers and the machine");

        lab.Kill();
        lab.WaitForExit();
        long killed = Stopwatch.GetTimestamp();
        while (children.Any(IsRunning) && Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(10))
        {
            Thread.Sleep(50);
        }

        children.Where(IsRunning).ShouldBeEmpty();
    }

    private static int[] ChildrenOf(int parent) => [.. Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out int id) ? id : 0)
        .Where(id => id > 0 && Stat(id) is [_, { } parentId, ..] && parentId == $"{parent}")];

    private static bool IsRunning(int id) => Stat(id) is [not "Z", ..];

    // proc_pid_stat(5): state and parent's id follow the name, which stands in brackets
    private static string[] Stat(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Split(") ").Last().Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string[] Resolve(LabNetwork network, string server)
    {
        Thread.Sleep(500);
        JudgeResult result = network.Try("dig", "+short", "+tries=3", $"@{server}", "etcd.demo.k8s.");
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
