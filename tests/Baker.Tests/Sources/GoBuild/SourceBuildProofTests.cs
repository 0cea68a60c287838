using System.Text.RegularExpressions;
using Images.Baker.Caching;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Restoring;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

/// <summary>What the fixes are for, shown with the sources and the toolchain that the lock pins. Fetched where the cache lacks them.</summary>
[Trait("Category", "Full")]
public sealed partial class SourceBuildProofTests : IDisposable
{
    private const string Allocator = "pkg/controller/nodeipam/ipam";
    private const string Kubelet = "pkg/kubelet";
    private const string Library = "vendor/github.com/google/cadvisor/container/libcontainer";
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_vendored_reflect2_breaks_the_encoding_of_maps_and_the_packaged_one_does_not()
    {
        SourceBuildRunner runner = await UnpackAsync();
        Directory.CreateDirectory(Path.Combine(Source, "cmd/mapcheck"));
        File.Copy(TestData("mapcheck.go.txt"), Path.Combine(Source, "cmd/mapcheck/main.go"));

        Build(runner, "vendored");
        Should.Throw<BakeException>(() => Perform(runner, SourceBuildStep.Run(_folder["vendored"]))).Code.ShouldBe("BAKE0374");
        _lines.ShouldContain(line => Symptom().IsMatch(line), string.Join('\n', _lines));

        Perform(runner, [.. KubernetesSourceFixes.Reflect2.Steps]);
        Build(runner, "packaged");
        Perform(runner, SourceBuildStep.Run(_folder["packaged"]));
        _lines[^1].ShouldStartWith("20000 rounds are right with go1.");
    }

    [Fact]
    public async Task The_root_of_a_cgroup_hierarchy_is_given_what_the_machine_uses()
    {
        SourceBuildRunner runner = await UnpackAsync();
        Perform(runner, [.. KubernetesSourceFixes.RootStatistics.Steps]);
        File.Copy(TestData("root_cgroup_stats_test.go.txt"), Path.Combine(Source, Library, "root_cgroup_stats_test.go"));
        Perform(runner, SourceBuildStep.Run(GoToolchain.Command, "test", "-v", "-vet=off", $"./{Library}"));
        _lines.Count(line => line.StartsWith("--- PASS", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task The_controller_manager_lists_the_nodes_ten_seconds_earlier()
    {
        SourceBuildRunner runner = await UnpackAsync();
        File.Copy(TestData("list_nodes_test.go.txt"), Path.Combine(Source, Allocator, "list_nodes_test.go"));
        SourceBuildStep test = Test("TestNodesAreListedAtOnce|TestAnAPIThatRefusesIsAskedAgain", Allocator);
        Should.Throw<BakeException>(() => Perform(runner, test)).Code.ShouldBe("BAKE0374");
        _lines.ShouldContain(line => line.StartsWith("--- FAIL: TestNodesAreListedAtOnce (10.", StringComparison.Ordinal));

        Perform(runner, [.. KubernetesSourceWaits.NodesAtOnce.Steps, test]);
        _lines.ShouldContain(line => line.StartsWith("--- PASS: TestNodesAreListedAtOnce", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_kubelet_reports_a_network_that_becomes_ready_as_soon_as_it_does()
    {
        SourceBuildRunner runner = await UnpackAsync();
        File.Copy(TestData("fast_status_test.go.txt"), Path.Combine(Source, Kubelet, "fast_status_test.go"));
        SourceBuildStep test = Test("TestTheNodeIsReportedReadyAsSoonAsItIs", Kubelet);
        Should.Throw<BakeException>(() => Perform(runner, test)).Code.ShouldBe("BAKE0374");
        _lines.ShouldContain(line => line.Contains("reported before it was ready", StringComparison.Ordinal));

        Perform(runner, [.. KubernetesSourceWaits.ReadyOnceItIs.Steps, test]);
        _lines.ShouldContain(line => line.StartsWith("--- PASS: TestTheNodeIsReportedReadyAsSoonAsItIs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_tag_leaves_docker_out_of_the_kubelet()
    {
        const string Plugin = "k8s.io/kubernetes/vendor/github.com/google/cadvisor/container/docker/install";
        SourceBuildRunner runner = await UnpackAsync();
        Perform(runner, SourceBuildStep.Run(GoToolchain.Command, "list", "-deps", "./cmd/kubelet"));
        _lines.ShouldContain(Plugin);
        _lines.Clear();

        Perform(runner, [.. KubernetesSourceWaits.WithoutDocker.Steps]);
        Perform(runner, SourceBuildStep.Run(GoToolchain.Command, "list", "-deps", "-tags", KubernetesSourceWaits.WithoutDockerTag, "./cmd/kubelet"));
        _lines.ShouldContain("k8s.io/kubernetes/pkg/kubelet");
        _lines.ShouldNotContain(Plugin);
    }

    /// <summary>What Go's runtime says of a broken pointer, or our program of a wrong text.</summary>
    [GeneratedRegex("^(panic|fatal error|unexpected fault address|SIGSEGV|\\[signal|round [0-9]+:)")]
    private static partial Regex Symptom();

    private string Source => _folder["gopath/src/k8s.io/kubernetes"];

    private static SourceBuildStep Test(string names, string package) =>
        SourceBuildStep.Run(GoToolchain.Command, "test", "-v", "-vet=off", "-run", names, $"./{package}");

    private void Build(SourceBuildRunner runner, string name) =>
        Perform(runner, SourceBuildStep.Run(GoToolchain.Command, "build", "-trimpath", "-buildvcs=false", "-o", _folder[name], "./cmd/mapcheck"));

    private void Perform(SourceBuildRunner runner, params SourceBuildStep[] steps) => runner.Perform(steps, _lines.Add, CancellationToken.None);

    private async Task<SourceBuildRunner> UnpackAsync()
    {
        ImageLock imageLock = ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"));
        LockedSourceBuild locked = imageLock.Kubernetes!.Debian!;
        using Restorer session = new(new RestoreOptions { CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable), Clock = TimeProvider.System });
        using Baker.Progress.PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        await session.SourceBuild.FetchAsync(locked, progress, CancellationToken.None);
        using SourceBuildFiles files = await session.SourceBuild.OpenAsync(locked, _ => { }, CancellationToken.None);
        return new SourceBuildRunner(KubernetesSourceRecipe.For(locked), SourceBuildFolders.Unpack(locked, files, _folder.FullPath, progress, CancellationToken.None));
    }

    private static string TestData(string name) => Path.Combine(AppContext.BaseDirectory, "Sources/GoBuild/testdata", name);
}
