using Images.Baker.Kubernetes;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class KubernetesSourceWaitsTests : IDisposable
{
    private const string Source = "gopath/src/k8s.io/kubernetes";
    private const string Allocator = $"{Source}/pkg/controller/nodeipam/ipam/cidr_allocator.go";
    private const string Kubelet = $"{Source}/pkg/kubelet/kubelet.go";
    private const string Docker = $"{Source}/pkg/kubelet/cadvisor/cadvisor_linux_docker.go";
    private const string Dockershim = $"{Source}/pkg/kubelet/kubelet_dockershim.go";

    private const string Poll = "\tif pollErr := wait.Poll(10*time.Second, apiserverStartupGracePeriod, func() (bool, error) {\n";
    private const string Loop = "func (kl *Kubelet) fastStatusUpdateOnce() {\n\tfor {\n";
    private const string Report = "\t\t\tkl.updateRuntimeUp()\n\t\t\tkl.syncNodeStatus()\n\t\t\treturn\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_controller_manager_asks_for_the_nodes_before_its_first_pause()
    {
        Write(Allocator, $"before\n{Poll}after\n");
        Perform(KubernetesSourceWaits.NodesAtOnce);
        Read(Allocator).ShouldBe($"before\n{Poll.Replace("Poll(", "PollImmediate(", StringComparison.Ordinal)}after\n");
    }

    [Fact]
    public void The_kubelet_looks_until_it_is_ready_but_not_for_ever()
    {
        Write(Kubelet, $"{Loop}\t\tif assigned {{\n{Report}\t\t}}\n");
        Perform(KubernetesSourceWaits.ReadyOnceItIs);
        Read(Kubelet).ShouldStartWith("func (kl *Kubelet) fastStatusUpdateOnce() {\n\tbegin := time.Now()\n\tfor {\n\t\tif assigned {\n");
        Read(Kubelet).ShouldContain(
            "\t\t\tif !isReady && time.Since(begin) < 2*time.Minute {\n"
            + "\t\t\t\tcontinue\n\t\t\t}\n\t\t\tkl.syncNodeStatus()\n\t\t\treturn\n");
    }

    [Fact]
    public void Files_that_heed_the_tag_stay_as_they_are()
    {
        Write(Docker, "// +build linux,!dockerless\n\npackage cadvisor\n");
        Write(Dockershim, "// +build !dockerless\n\npackage kubelet\n");
        Perform(KubernetesSourceWaits.WithoutDocker);
        Read(Docker).ShouldBe("// +build linux,!dockerless\n\npackage cadvisor\n");
    }

    [Theory]
    [InlineData(Docker, "// +build linux\n", Dockershim, "// +build !dockerless\n", "cadvisor_linux_docker.go")]
    [InlineData(Docker, "// +build linux,!dockerless\n", Dockershim, "", "kubelet_dockershim.go")]
    public void Files_that_do_not_heed_the_tag_are_refused(string path, string text, string otherPath, string otherText, string refused)
    {
        Write(path, text);
        Write(otherPath, otherText);
        Should.Throw<MalformedDataException>(() => Perform(KubernetesSourceWaits.WithoutDocker)).Message.ShouldContain(refused);
    }

    [Theory]
    [InlineData("something else\n")]
    [InlineData("")]
    [InlineData(Poll + Poll)]
    public void A_controller_manager_that_is_not_as_in_1_20_is_refused(string text)
    {
        Write(Allocator, text);
        Should.Throw<MalformedDataException>(() => Perform(KubernetesSourceWaits.NodesAtOnce)).Message.ShouldContain("cidr_allocator.go");
        Read(Allocator).ShouldBe(text);
    }

    [Theory]
    [InlineData(Report)]
    [InlineData(Loop)]
    [InlineData(Loop + Report + Report)]
    public void A_kubelet_that_is_not_as_in_1_20_is_refused(string text)
    {
        Write(Kubelet, text);
        Should.Throw<MalformedDataException>(() => Perform(KubernetesSourceWaits.ReadyOnceItIs)).Message.ShouldContain("pkg/kubelet/kubelet.go");
    }

    [Fact]
    public void Each_change_is_part_of_the_recipe_and_named_for_the_manifest()
    {
        SourceBuildRecipe recipe = KubernetesSourceRecipe.For(SamplePlan.SourceBuild());
        foreach (SourceFix fix in KubernetesSourceWaits.All)
        {
            fix.Steps.ShouldBeSubsetOf(recipe.Fixes);
            (recipe with { Fixes = [.. recipe.Fixes.Except(fix.Steps)] }).ComputeDigest().ShouldNotBe(recipe.ComputeDigest());
        }

        KubernetesDebianPrograms programs = new(SamplePlan.SourceBuild(), inputs: null!, _folder.FullPath, TimeProvider.System);
        programs.Changes.ShouldBe(
        [
            "Debian's modern-go/reflect2 in place of the vendored one",
            "cadvisor reads the statistics of the root of a cgroup v2 hierarchy",
            "kube-controller-manager lists the Nodes at once, not ten seconds after its start",
            "kubelet is built without Docker (Kubernetes' build tag dockerless)",
            "kubelet reports its Node ready as soon as the pods' network is, not at the next turn of its clock",
        ]);
    }

    private void Perform(SourceFix fix) =>
        new SourceBuildRunner(KubernetesSourceRecipe.For(SamplePlan.SourceBuild()), SourceBuildNames.None.With("{work}", _folder.FullPath))
            .Perform(fix.Steps, _ => { }, CancellationToken.None);

    private string Read(string path) => File.ReadAllText(_folder[path]);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], text);
    }
}
