using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Real etcd with real TLS on loopback addresses, started as our preparation says.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdClusterTests : IDisposable
{
    /// <summary>A learner is seen to by its own rhythm, so no other look is needed.</summary>
    private readonly EtcdTestCluster _cluster = new(3, new EtcdRhythm { Survey = TimeSpan.FromSeconds(1), Look = TimeSpan.FromHours(1) });

    private IReadOnlyList<EtcdTestNode> Nodes => _cluster.Nodes;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Three_machines_form_one_cluster_and_a_wiped_one_comes_back_as_a_new_member_with_all_data()
    {
        await _cluster.FormAsync();
        Nodes.ShouldAllBe(node => node.Environment["ETCD_INITIAL_CLUSTER_STATE"] == "new");
        Nodes.Select(node => node.Environment["ETCD_INITIAL_CLUSTER_TOKEN"]).Distinct().Count().ShouldBe(1);

        Nodes[0].Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, _cluster.ToString());
        Nodes[2].Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("hello");
        JudgeResult refusal = Nodes[0].HandshakeWithoutCertificate();
        refusal.Output.ShouldContain("Verify return code: 0 (ok)"); // it is this server, and it is the client that is refused
        refusal.Error.ShouldContain("alert bad certificate");
        await EveryoneSeesThreeHealthyMembersAsync();

        string first = Nodes[0].Environment["ETCD_NAME"];
        await Nodes[0].PrepareAsync(_cluster.Limit); // a second boot keeps its name
        Nodes[0].Environment["ETCD_NAME"].ShouldBe(first);
        Nodes[0].Console.ToString().ShouldContain("etcd.service: starts with its data");

        string before = Nodes[2].Environment["ETCD_NAME"];
        Nodes[2].Wipe();
        await _cluster.WaitAsync(() => Peer(0, 2) is { State: PeerStatusLine.Unhealthy, Since: not null });
        Nodes[2].Boot();
        await Nodes[2].PrepareAsync(_cluster.Limit);
        Nodes[2].Environment["ETCD_INITIAL_CLUSTER_STATE"].ShouldBe("existing");
        Nodes[2].Environment["ETCD_NAME"].ShouldNotBe(before);
        Nodes[2].StartEtcd();
        await _cluster.WaitAsync(() => Nodes[2].Etcdctl("get", "greeting", "--print-value-only").Output.Trim() == "hello");

        string members = Nodes[0].Etcdctl("member", "list").Output;
        members.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3, members);
        members.ShouldNotContain(before);
        members.Split(", false").Length.ShouldBe(4, members); // no learner is left
        Nodes[2].Console.ToString().ShouldContain("promoted to a full member");
        await EveryoneSeesThreeHealthyMembersAsync();
    }

    private async Task EveryoneSeesThreeHealthyMembersAsync()
    {
        await _cluster.WaitAsync(() => Nodes.All(node => node.Peers is { Peers: { Count: 3 } peers } && peers.All(peer => peer is { State: PeerStatusLine.Healthy, IsLearner: false })));
        string list = Nodes[0].Etcdctl("member", "list").Output;
        foreach (EtcdTestNode node in Nodes)
        {
            node.Peers!.Name.ShouldBe("etcd.demo.k8s.");
            node.Peers.Peers.Count(peer => peer.IsLeader).ShouldBe(1, _cluster.ToString());
            node.Peers.Peers.Single(peer => peer.IsThisMachine).Address.ShouldBe(node.Address);
            node.Peers.Peers.ShouldAllBe(peer => peer.InDns && list.Contains($"{peer.MemberId}, started, {peer.Member}, https://{peer.Address}:2380"));
        }
    }

    private PeerStatusLine? Peer(int seenBy, int index) => Nodes[seenBy].Peers?.Peers.FirstOrDefault(peer => peer.Address == Nodes[index].Address);
}
