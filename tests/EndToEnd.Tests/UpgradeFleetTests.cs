using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>
/// Nine machines go from one image to another while a client writes, with a run that is killed in the middle and a machine that comes back.
/// </summary>
public sealed class UpgradeFleetTests(ITestOutputHelper output)
{
    private const string Version = "0.2.0";
    private const string Ailing = "systemd/system/ailing.service";

    private static readonly TimeSpan _longestGap = TimeSpan.FromSeconds(5);

    [Fact]
    [Trait("Category", "Full")]
    public void Nine_machines_run_the_new_image_though_a_run_is_killed_and_a_machine_comes_back_and_no_acknowledged_write_is_lost()
    {
        string folder = BakedImage.RunFolder(nameof(UpgradeFleetTests));
        string image = OtherImages.BakeWithKubernetes(folder, Version);
        using NineNodes nodes = new(folder, "vip");
        nodes.WaitUntilWhole(300);
        nodes.Kubectl.Apply(EchoPods.Manifest("echo", 2, 30080));
        nodes.Kubectl.Apply("""
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: { name: echo }
            spec: { minAvailable: 1, selector: { matchLabels: { app: echo } } }
            """);
        nodes.Kubectl.WaitFor(
            "two pods that are Ready", 300, pods => Regex.Count(pods, @"(?m)^echo-\S+ +1/1 +Running ") == 2, nodes["worker1"], "get", "pods", "--no-headers");

        using ReplicaWatch replicas = new(nodes.Kubectl, "echo");
        using PoweredMachines powered = new(nodes.All);
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        Run("--dry-run").ShouldNotContain("BAKE");
        using (ClusterUpgradeRun killed = Begin())
        {
            killed.WaitFor(@" master-\S+ +restarts");
        }

        ContainerMachine last = (ContainerMachine)nodes["worker2"];
        GiveAilment(last, "/usr/bin/false");
        string stopped = Run();
        output.WriteLine(stopped);
        stopped.ShouldContain($"BAKE0978  {last.Address}");
        nodes.Run(last, "sudo bootstrapper status").ShouldContain("NODE0814");
        GiveAilment(last, "/usr/bin/true");
        nodes.Run(last, "sudo systemctl reset-failed ailing.service");

        string ended = Run("--again");
        output.WriteLine(ended);
        ended.ShouldMatch($@"demo\.k8s runs {Version}\S* on 9 machines, after ");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(DateTimeOffset.UtcNow - begin).TotalSeconds:F0} s in all: {nodes.Client.Describe(begin)}; replicas {replicas.Fewest} at the fewest"));

        foreach (Machine machine in nodes.All)
        {
            nodes.Run(machine, "sudo bootstrapper status").ShouldContain($"image     {Version}", Case.Sensitive, machine.Name);
        }

        nodes.LostWrites().ShouldBeEmpty();
        replicas.Fewest.ShouldBeGreaterThan(0);
        foreach (string kind in Images.Lab.Networks.ApiProbe.Kinds)
        {
            nodes.Client.LongestGap(kind, begin).ShouldBeLessThan(_longestGap, kind);
        }

        ClusterUpgradeRun Begin(params string[] more) => new(nodes.Network, nodes.Seeds, folder, image, more);

        string Run(params string[] more)
        {
            using ClusterUpgradeRun run = Begin(more);
            return run.WaitForEnd();
        }
    }

    /// <summary>A service of this machine alone that fails or not at its next start.</summary>
    private static void GiveAilment(ContainerMachine machine, string command)
    {
        string unit = $"[Unit]\nDescription=ailing\n[Service]\nType=oneshot\nExecStart={command}\n";
        machine.GiveEtcFile(Ailing, unit);
        machine.GiveEtcFile("systemd/system/multi-user.target.d/ailing.conf", "[Unit]\nWants=ailing.service\n");
    }
}
