using Images.Baker.Seeds;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Baker.Tests.Seeds;

public sealed class ClusterKubernetesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("1.20.2", "1.20.2")]
    [InlineData("1.20.2", "1.20.15")]
    [InlineData("1.20.2", "1.20.1")]
    [InlineData("1.20.2", "1.21.0")]
    public void A_cluster_takes_its_own_minor_and_the_next(string runs, string image) => Of(runs).RequireStepTo(image, "seeds");

    [Theory]
    [InlineData("1.20.2", "1.36.0")]
    [InlineData("1.20.2", "1.22.0")]
    [InlineData("1.20.2", "1.19.9")]
    [InlineData("1.20.2", "2.20.2")]
    [InlineData("1.20.2", null)]
    public void It_takes_no_other(string runs, string? image)
    {
        BakeException fault = Should.Throw<BakeException>(() => Of(runs).RequireStepTo(image, "seeds"));
        fault.Code.ShouldBe("BAKE0652");
        fault.Message.ShouldStartWith($"BAKE0652  seeds/kubernetes.json  The cluster runs Kubernetes {runs}, and the image would hold {image ?? "none"}:");
        fault.Remedy.ShouldBe(SkewRules.Kubernetes(runs, image).Remedy);
        fault.Remedy.ShouldNotBeEmpty();
    }

    [Fact]
    public void What_was_recorded_comes_back()
    {
        Directory.CreateDirectory(_folder["secrets"]);
        ClusterKubernetes.ReadIfAny(_folder.FullPath).ShouldBeNull();
        Of("1.20.2").Write(_folder.FullPath);
        ClusterKubernetes.ReadIfAny(_folder.FullPath).ShouldBe(Of("1.20.2"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"source": "debian", "version": "1.20"}""")]
    [InlineData("""{"source": "debian", "version": "1.20.2", "more": 1}""")]
    public void What_nobody_wrote_so_is_refused(string text)
    {
        Directory.CreateDirectory(_folder["secrets"]);
        File.WriteAllText(_folder[ClusterKubernetes.FileName], text);
        Should.Throw<BakeException>(() => ClusterKubernetes.ReadIfAny(_folder.FullPath)).Code.ShouldBe("BAKE0653");
    }

    [Fact]
    public void A_folder_that_is_no_cluster_s_is_refused() =>
        Should.Throw<BakeException>(() => ClusterKubernetes.ReadIfAny(_folder.FullPath)).Code.ShouldBe("BAKE0808");

    public void Dispose() => _folder.Dispose();

    private static ClusterKubernetes Of(string version) => new() { Source = "debian", Version = version };
}
