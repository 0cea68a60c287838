using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Members whose machine gets another address, as DHCP may have it.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdMoveTests
{
    private static readonly EtcdRhythm _rhythm = new() { Look = TimeSpan.FromSeconds(0.5) };

    [Fact]
    public async Task A_member_with_data_and_another_address_waits_for_DNS_tells_the_cluster_and_stays_the_same_member()
    {
        using EtcdTestCluster cluster = new(3, _rhythm);
        await cluster.FormAsync();
        await cluster.WaitAsync(() => Record(cluster.Nodes[2]).MemberId is not null);
        EtcdTestNode moved = cluster.Nodes[2];
        string id = $"{Record(moved).MemberId:x}";
        string old = moved.Address;
        moved.Stop();
        await cluster.WaitAsync(() => cluster.Nodes[0].Etcdctl("put", "greeting", "hello").ExitCode == 0); // it may have been the leader

        moved.Address = cluster.AddressOf(4);
        moved.Boot();
        Task preparation = moved.PrepareAsync(cluster.Limit);
        string wait = $"waiting for this machine's new address {moved.Address} to stand in DNS; the cluster knows this member at {old}";
        await cluster.WaitAsync(() => moved.Console.ToString().Contains(wait));
        preparation.IsCompleted.ShouldBeFalse();

        cluster.Dns = [cluster.Nodes[0].Address, cluster.Nodes[1].Address, moved.Address];
        await preparation;
        moved.Console.ToString().ShouldContain($"etcd.service: starts with its data at {moved.Address}; the cluster knew this member at {old}");
        moved.StartEtcd();
        await cluster.WaitHealthyAsync(cluster.Nodes);
        moved.Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("hello", cluster.ToString());
        string members = cluster.Nodes[0].Etcdctl("member", "list").Output;
        members.ShouldMatch($"(?m)^{id}, started, {moved.Environment["ETCD_NAME"]}, https://{moved.Address}:2380, https://{moved.Address}:2379");
        members.ShouldNotContain(old + ":");

        cluster.Nodes[0].StopEtcd(); // quorum now hangs on the one that moved
        await cluster.WaitAsync(() => cluster.Nodes[1].Etcdctl("put", "greeting", "again").ExitCode == 0);
    }

    [Fact]
    public async Task A_member_that_finds_nobody_to_tell_starts_and_tells_the_cluster_itself_once_DNS_names_it()
    {
        using EtcdTestCluster cluster = new(3, _rhythm);
        await cluster.FormAsync();
        await cluster.WaitAsync(() => cluster.Nodes.All(node => Record(node).MemberId is not null));
        EtcdTestNode moved = cluster.Nodes[2];
        string old = moved.Address;
        foreach (EtcdTestNode node in cluster.Nodes)
        {
            node.Stop(); // a power cut of all
        }

        moved.Address = cluster.AddressOf(4);
        moved.Boot();
        await moved.PrepareAsync(cluster.Limit);
        moved.StartEtcd();
        cluster.Nodes[0].Boot();
        cluster.Nodes[0].StartEtcd(); // two of three: one knows the other at its old address only
        await cluster.WaitHealthyAsync(cluster.Nodes[0], moved);
        await cluster.WaitAsync(() => moved.Console.ToString().Contains($"the cluster knows this member at {old}; it is told of {moved.Address} once etcd.demo.k8s. names that"));
        cluster.Dns = [cluster.Nodes[0].Address, cluster.Nodes[1].Address, moved.Address];
        await cluster.WaitAsync(() => moved.Console.ToString().Contains($"told the cluster that this member moved from {old} to {moved.Address}"));
        cluster.Nodes[0].Etcdctl("member", "list").Output.ShouldContain($"https://{moved.Address}:2380", customMessage: cluster.ToString());
        cluster.Nodes[1].Boot();
        cluster.Nodes[1].StartEtcd();
        await cluster.WaitHealthyAsync(cluster.Nodes);
    }

    [Fact]
    public async Task The_only_member_moves_by_itself()
    {
        using EtcdTestCluster cluster = new(1, _rhythm);
        await cluster.FormAsync();
        EtcdTestNode only = cluster.Nodes[0];
        only.Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, cluster.ToString());
        only.Stop();
        only.Address = cluster.AddressOf(2);
        cluster.Dns = [only.Address];
        only.Boot();
        await only.PrepareAsync(cluster.Limit);
        only.StartEtcd();
        await cluster.WaitHealthyAsync(only);
        await cluster.WaitAsync(() => only.Etcdctl("member", "list").Output.Contains($"https://{only.Address}:2380"));
        only.Etcdctl("get", "greeting", "--print-value-only").Output.Trim().ShouldBe("hello", cluster.ToString());
    }

    private static EtcdRecord Record(EtcdTestNode node) => new EtcdRecordStore(node.Root).Load();
}
