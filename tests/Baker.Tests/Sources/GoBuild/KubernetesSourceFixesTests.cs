using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class KubernetesSourceFixesTests : IDisposable
{
    private const string Source = "gopath/src/k8s.io/kubernetes";
    private const string Vendored = $"{Source}/vendor/github.com/modern-go/reflect2";
    private const string Handler = $"{Source}/vendor/github.com/google/cadvisor/container/libcontainer/handler.go";
    private const string Fits = "\tif readCgroupStats {\n\t\tcgroupStats, err = h.cgroupManager.GetStats()\n\t\tif err != nil {\n\t\t\treturn nil, err\n\t\t}\n\t}\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_vendored_source_of_reflect2_stays_and_every_packaged_one_comes()
    {
        Write($"{Vendored}/go_above_17.go", "old");
        Write($"{Vendored}/old.s", "old");
        Write($"{Vendored}/LICENSE", "kept");
        Write("library/usr/share/gocode/src/github.com/modern-go/reflect2/new.go", "new");
        Write("library/usr/share/gocode/src/github.com/modern-go/reflect2/go.mod", "left out");
        Perform(KubernetesSourceFixes.Reflect2);
        Directory.EnumerateFiles(_folder[Vendored]).Select(Path.GetFileName).Order().ShouldBe(["LICENSE", "new.go"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_missing_side_of_the_safety_fix_is_refused(bool hasVendored)
    {
        Write(hasVendored ? $"{Vendored}/old.go" : "library/usr/share/gocode/src/github.com/modern-go/reflect2/new.go", "x");
        Should.Throw<MalformedDataException>(() => Perform(KubernetesSourceFixes.Reflect2)).Message.ShouldContain("corrupts memory");
    }

    [Fact]
    public void The_root_of_the_cgroups_gets_its_statistics()
    {
        Write(Handler, $"before\n{Fits}after\n");
        Perform(KubernetesSourceFixes.RootStatistics);
        File.ReadAllText(_folder[Handler]).ShouldContain("\t} else {\n\t\tcgroupStats, err = readRootStats(\"/proc\", fs2.UnifiedMountpoint)\n\t}\n\tif err != nil {\n\t\treturn nil, err\n\t}\nafter\n");
        File.ReadAllText(_folder[Path.GetDirectoryName(Handler) + "/root_cgroup_stats.go"]).ShouldStartWith("package libcontainer\n");
    }

    [Theory]
    [InlineData("something else\n")]
    [InlineData(Fits + Fits)]
    public void Sources_that_are_not_as_in_1_20_are_refused(string handler)
    {
        Write(Handler, handler);
        Should.Throw<MalformedDataException>(() => Perform(KubernetesSourceFixes.RootStatistics)).Message.ShouldContain("handler.go");
        File.ReadAllText(_folder[Handler]).ShouldBe(handler);
    }

    private void Perform(SourceFix fix) =>
        new SourceBuildRunner(KubernetesSourceRecipe.For(SamplePlan.SourceBuild()), SourceBuildNames.None.With("{work}", _folder.FullPath)).Perform(fix.Steps, _ => { }, CancellationToken.None);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], text);
    }
}
