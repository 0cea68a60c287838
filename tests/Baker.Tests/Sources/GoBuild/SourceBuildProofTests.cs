using System.Text.RegularExpressions;
using Images.Baker.Sources;
using Images.Baker.Sources.GoBuild;
using Images.Baker.Sources.Kubernetes;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

/// <summary>What the fixes are for, shown with the sources and the toolchain that the lock pins. Fetched where the cache lacks them.</summary>
[Trait("Category", "Full")]
public sealed partial class SourceBuildProofTests : IDisposable
{
    private const string Library = "vendor/github.com/google/cadvisor/container/libcontainer";
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_vendored_reflect2_breaks_the_encoding_of_maps_and_the_packaged_one_does_not()
    {
        (GoToolchain go, GoProcess process, string source) = await UnpackAsync();
        Directory.CreateDirectory(Path.Combine(source, "cmd/mapcheck"));
        File.Copy(TestData("mapcheck.go.txt"), Path.Combine(source, "cmd/mapcheck/main.go"));

        Build(go, process, "vendored");
        Should.Throw<BakeException>(() => Run(process, "vendored")).Code.ShouldBe("BAKE0374");
        _lines.ShouldContain(line => Symptom().IsMatch(line), string.Join('\n', _lines));

        KubernetesSourceFixes.ReplaceReflect2(source, _folder["library"]);
        Build(go, process, "packaged");
        Run(process, "packaged");
        _lines[^1].ShouldStartWith("20000 rounds are right with go1.");
    }

    [Fact]
    public async Task The_root_of_a_cgroup_hierarchy_is_given_what_the_machine_uses()
    {
        (GoToolchain go, GoProcess process, string source) = await UnpackAsync();
        KubernetesSourceFixes.MendRootStatistics(source);
        File.Copy(TestData("root_cgroup_stats_test.go.txt"), Path.Combine(source, Library, "root_cgroup_stats_test.go"));
        process.Run(go.Command, ["test", "-v", "-vet=off", $"./{Library}"], _lines.Add, CancellationToken.None);
        _lines.Count(line => line.StartsWith("--- PASS", StringComparison.Ordinal)).ShouldBe(2);
    }

    /// <summary>What Go's runtime says of a broken pointer, or our program of a wrong text.</summary>
    [GeneratedRegex("^(panic|fatal error|unexpected fault address|SIGSEGV|\\[signal|round [0-9]+:)")]
    private static partial Regex Symptom();

    private void Build(GoToolchain go, GoProcess process, string name) =>
        process.Run(go.Command, ["build", "-trimpath", "-buildvcs=false", "-o", _folder[name], "./cmd/mapcheck"], _lines.Add, CancellationToken.None);

    private void Run(GoProcess process, string name) => process.Run(_folder[name], [], _lines.Add, CancellationToken.None);

    private async Task<(GoToolchain Go, GoProcess Process, string Source)> UnpackAsync()
    {
        ImageLock imageLock = ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"));
        LockedSourceBuild locked = imageLock.Kubernetes!.Debian!;
        using SourceSession session = new(new SourceOptions { CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable), Clock = TimeProvider.System });
        using Baker.Progress.PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        await session.SourceBuild.FetchAsync(locked, progress, CancellationToken.None);
        using SourceBuildFiles files = await session.SourceBuild.OpenAsync(locked, _ => { }, CancellationToken.None);
        SourceBuildFolders folders = SourceBuildFolders.Unpack(locked, files, _folder.FullPath, progress, CancellationToken.None);
        return (folders.Go, new GoProcess(folders.Source, folders.Environment), folders.Source);
    }

    private static string TestData(string name) => Path.Combine(AppContext.BaseDirectory, "Sources/GoBuild/testdata", name);
}
