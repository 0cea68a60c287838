using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Baker.Locking;
using Images.Baker.Restoring;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The targets that no other run of the tests goes through, in a copy of the repository without anything built.</summary>
[Collection(AloneGroup.Name)]
public sealed class BuildTargetsTests : IDisposable
{
    /// <summary>What would outlive the build and hold its output open.</summary>
    private static readonly Dictionary<string, string> _noServers = new() { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" };

    private readonly TemporaryFolder _copy = new();

    public BuildTargetsTests() => Judge.Run(
        "sh", "-c", $"tar c -C {Checkout.Folder} --exclude=bin --exclude=obj --exclude=./artifacts --exclude=./.git --exclude=./seeds --exclude=TestResults . | tar x -C {_copy.FullPath}");

    [Fact]
    public void A_cluster_of_the_build_ends_with_ctrl_c_and_clean_removes_what_was_built()
    {
        string[] files = Files();
        ClusterAndStop();
        CleanShouldLeave(files);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Every_target_that_help_lists_can_be_run()
    {
        string[] files = Files();
        string[] targets = [.. Regex.Matches(Build("--help").Split("options of")[0], @"^  ([A-Z]\w+) +\S", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];
        targets.ShouldBe(["Bake", "Bench", "Boot", "Clean", "Cluster", "Full", "Help", "Lock", "Parts", "Test", "Unit"], ignoreOrder: true);
        foreach (string target in targets)
        {
            Build("--target", target, "--dryrun");
        }

        Judge.Try("bash", [_copy["build.sh"], "--target", "Nothing", "--dryrun"], input: null, environment: _noServers).ExitCode.ShouldNotBe(0);

        LockAgain();
        BootAndStop();
        CleanShouldLeave(files);
    }

    /// <summary>In a user namespace where the caller is nobody special, with a PATH that has all programs but one, and no sudo.</summary>
    [Fact]
    public void A_machine_that_lacks_a_judge_and_may_not_install_it_is_told_the_package()
    {
        string programs = Directory.CreateDirectory(_copy["programs"]).FullName;
        foreach (string program in Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).DistinctBy(Path.GetFileName))
        {
            if (Path.GetFileName(program) is not ("isoinfo" or "sudo"))
            {
                File.CreateSymbolicLink(Path.Combine(programs, Path.GetFileName(program)), program);
            }
        }

        JudgeResult judges = Judge.Try(
            "unshare",
            ["--user", "--map-user=1000", "--map-group=1000", "--", Judge.Find("bash"), _copy["build.sh"], "--target", "Judges"],
            input: null,
            environment: new Dictionary<string, string>(_noServers) { ["PATH"] = programs });
        judges.ExitCode.ShouldNotBe(0);
        (judges.Output + judges.Error).ShouldContain("The tests need these Debian packages: genisoimage. Install them as root with apt-get install");
    }

    public void Dispose() => _copy.Dispose();

    /// <summary>A lock of the same request from none; the archive may have moved on, so the next steps take the pinned one again.</summary>
    private void LockAgain()
    {
        string path = _copy["image.lock.json"];
        byte[] pinned = File.ReadAllBytes(path);
        string texts = ReleaseTexts.FolderOf(path), kept = _copy["kept-texts"];
        File.Delete(path);
        Directory.Move(texts, kept);
        Build("--target", "Lock").ShouldContain("image.lock.json");
        using (JsonDocument before = JsonDocument.Parse(pinned))
        using (JsonDocument now = JsonDocument.Parse(File.ReadAllBytes(path)))
        {
            now.RootElement.GetProperty("request").GetString().ShouldBe(before.RootElement.GetProperty("request").GetString());
            JsonElement[] packages = [.. now.RootElement.GetProperty("packages").EnumerateArray()];
            packages.Length.ShouldBeGreaterThan(before.RootElement.GetProperty("packages").GetArrayLength() / 2);
            packages.ShouldAllBe(package => package.GetProperty("digest").GetString()!.StartsWith("sha256:", StringComparison.Ordinal) && package.GetProperty("size").GetInt64() > 0);
        }

        Directory.GetFiles(texts).Select(Path.GetFileName).ShouldBe(
            ImageLockFile.Read(path).AllReleases.Select(ReleaseTexts.NameOf), ignoreOrder: true);
        Directory.Delete(texts, recursive: true);
        Directory.Move(kept, texts);
        File.WriteAllBytes(path, pinned);
    }

    /// <summary>Bakes, for there is no image, and shows the machine's console until Ctrl+C.</summary>
    private void BootAndStop()
    {
        RunUntilCtrlC(
            "bootstrapper: ready: etcd.service",
            () => Directory.GetFiles(_copy["artifacts"], "node_*.raw").Length.ShouldBe(1),
            variables: [],
            "--target", "Boot", "--role", "etcd");
    }

    /// <summary>Bakes, for there is no image, runs a cluster of it, shows how to try it, and ends with Ctrl+C.</summary>
    private void ClusterAndStop()
    {
        using TemporaryFolder clusters = new();
        string[] variables = [$"IMAGES_CLUSTERS={clusters.FullPath}"];
        string said = RunUntilCtrlC(
            "kubectl apply -f hello/hello.yaml",
            () => Judge.Run("kubectl", "--kubeconfig", clusters["demo/kubeconfig"], "get", "nodes", "--no-headers").ShouldMatch("^node1 +Ready "),
            variables,
            "--target", "Cluster", "--no-uplink");
        said.ShouldContain("cluster demo is ready after");
        string[] delete = [.. variables, Judge.Find("dotnet"), _copy["artifacts/baker/baker.dll"], "cluster", "delete"];
        Judge.Run("env", delete);
        Directory.EnumerateFileSystemEntries(clusters.FullPath).ShouldBeEmpty();
    }

    /// <summary>
    /// Runs the build until it prints a line, looks, and presses Ctrl+C, which a shell's background jobs were told to ignore;
    /// returns what was printed.
    /// </summary>
    private string RunUntilCtrlC(string awaited, Action look, string[] variables, params string[] arguments)
    {
        string[] environment = [.. _noServers.Select(variable => $"{variable.Key}={variable.Value}"), .. variables];
        using TetheredProcess build = new(
            ["env", "--default-signal=INT", .. environment, Judge.Find("setsid")], [Judge.Find("bash"), _copy["build.sh"], .. arguments], readsOutput: true);
        StringBuilder console = new();
        Task<bool> ready = Task.Run(() =>
        {
            while (build.ReadLine() is { } line)
            {
                console.AppendLine(line);
                if (line.Contains(awaited, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        });
        ready.Wait(TimeSpan.FromMinutes(20)).ShouldBeTrue($"no '{awaited}' within twenty minutes:\n{console}");
        ready.Result.ShouldBeTrue(console.ToString());
        look();
        Judge.Run("kill", "-INT", "--", $"-{build.Id}");
        build.WaitForExit(TimeSpan.FromMinutes(1)).ShouldBeTrue("Ctrl+C ends it");
        ShouldLeaveNothingBehind();
        return console.ToString();
    }

    /// <summary>The build's own process may end before the machine's, which closes its disk and its network first.</summary>
    private void ShouldLeaveNothingBehind()
    {
        Stopwatch waited = Stopwatch.StartNew();
        string left;
        while ((left = Judge.Try("pgrep", "--list-full", "--full", _copy.FullPath).Output).Length > 0 && waited.Elapsed < TimeSpan.FromMinutes(1))
        {
            Thread.Sleep(200);
        }

        left.ShouldBeEmpty("no machine stays behind");
    }

    private void CleanShouldLeave(string[] files)
    {
        Build("--target", "Clean");
        Files().ShouldBe(files);
        Directory.EnumerateFileSystemEntries(_copy["artifacts"]).ShouldBeEmpty();
    }

    private string Build(params string[] arguments)
    {
        JudgeResult build = Judge.Try("bash", [_copy["build.sh"], .. arguments], input: null, environment: _noServers);
        build.ExitCode.ShouldBe(0, build.Output + build.Error);
        return build.Output;
    }

    private string[] Files() =>
    [
        .. Directory.EnumerateFiles(_copy.FullPath, "*", SearchOption.AllDirectories).Where(path => !path.StartsWith(_copy["artifacts/"], StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
