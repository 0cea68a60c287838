using Images.Baker.Clusters;
using Images.TestSupport;

namespace Images.Baker.Tests.Clusters;

/// <summary><c>baker cluster ssh</c> where there is no key to log in with: the reason is the true one.</summary>
public sealed class SshLoginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("none1", "none1", "a node without a role has no seed")]
    [InlineData("etcd1", "demo", "its seeds came from --seeds")]
    public async Task A_node_that_knows_no_key_says_why(string node, string place, string reason)
    {
        ClusterPlace demo = ClusterPlace.At(Directory.CreateDirectory(_folder["demo"]).FullName);
        demo.WritePlan(new ClusterPlan
        {
            Name = "demo",
            Domain = "k8s",
            Image = "/i",
            Seeds = "/s",
            ApiPort = 1,
            Nodes = NodeCounts.Parse("etcd=1,none=1"),
        });
        BakeException refusal = await Should.ThrowAsync<BakeException>(() => SshLogin.PrepareAsync(demo, node, []));
        refusal.Code.ShouldBe("BAKE0955");
        refusal.Place.ShouldBe(place);
        refusal.Message.ShouldContain(reason);
    }

    public void Dispose() => _folder.Dispose();
}
