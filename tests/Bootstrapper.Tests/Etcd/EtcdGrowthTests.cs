using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Real members that become more by starting machines, and fewer by a command.</summary>
[Collection("etcd")]
[Trait("Category", "Full")]
public sealed class EtcdGrowthTests : IDisposable
{
    private readonly EtcdTestCluster _cluster = new(1, new EtcdRhythm { Look = TimeSpan.FromSeconds(0.5) });

    private IReadOnlyList<EtcdTestNode> Nodes => _cluster.Nodes;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task One_member_becomes_three_and_five_by_machines_that_start_at_once_and_three_again_by_a_command()
    {
        await _cluster.FormAsync();
        Nodes[0].Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, _cluster.ToString());

        await GrowAsync();
        await GrowAsync();
        await _cluster.WaitAsync(() => Voters() == 5);

        foreach (EtcdTestNode gone in Nodes.Skip(3))
        {
            using StringWriter said = new();
            (await EtcdCommand.RemoveAsync(Nodes[0].Root, said, gone.Address)).ShouldBe(0);
            said.ToString().ShouldMatch($@"^Removed m-[0-9a-f]+ \([0-9a-f]+\) at {gone.Address}\. ");
            await _cluster.WaitAsync(() => gone.EtcdId is null);
        }

        Voters().ShouldBe(3);
        Nodes[2].Etcdctl("get", "greeting").Output.ShouldContain("hello");
        BootFailure unknown = await Should.ThrowAsync<BootFailure>(EtcdCommand.RemoveAsync(Nodes[0].Root, TextWriter.Null, Nodes[4].Address));
        unknown.Code.ShouldBe("NODE0404");
    }

    private async Task GrowAsync()
    {
        EtcdTestNode[] added = [_cluster.Add(), _cluster.Add()];
        _cluster.Dns = [.. Nodes.Select(node => node.Address)];
        await Task.WhenAll(added.Select(async node =>
        {
            node.Boot();
            await node.PrepareAsync(_cluster.Limit);
            node.StartEtcd();
        }));
        await _cluster.WaitHealthyAsync(Nodes);
    }

    private int Voters() => Nodes[0].Etcdctl("member", "list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Count(line => line.TrimEnd().EndsWith("false", StringComparison.Ordinal));
}
