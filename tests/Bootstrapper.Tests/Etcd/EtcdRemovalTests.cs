using System.Diagnostics;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>Real members that go for good, by the agent's decision and by the administrator's.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
public sealed class EtcdRemovalTests : IDisposable
{
    private const string Removed = "the cluster has removed this member for good. Its data are kept; 'bootstrapper reset --yes' lets it join anew";

    private static readonly TimeSpan _unhealthyFor = TimeSpan.FromSeconds(4);

    private readonly EtcdTestCluster _cluster = new(3, new EtcdRhythm
    {
        Look = TimeSpan.FromSeconds(0.5),
        Survey = TimeSpan.FromSeconds(1),
        UnhealthyFor = _unhealthyFor,
        UnstartedFor = _unhealthyFor,
    });

    private IReadOnlyList<EtcdTestNode> Nodes => _cluster.Nodes;

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_dead_member_goes_once_DNS_forgot_it_and_when_it_returns_it_is_told_so_and_keeps_its_data()
    {
        await _cluster.FormAsync();
        await _cluster.WaitAsync(() => Nodes.All(node => Record(node).MemberId is not null));
        Nodes[2].Stop();
        await Task.Delay(_unhealthyFor * 2, _cluster.Limit);
        Members().ShouldBe(3, "DNS still names it");

        _cluster.Dns = [Nodes[0].Address, Nodes[1].Address];
        await _cluster.WaitAsync(() => Members() == 2);
        string[] story = [.. Nodes.Take(2).SelectMany(node => node.Console.ToString().Split('\n')).Where(line => line.Contains("removed"))];
        story.Length.ShouldBe(1, _cluster.ToString());
        story[0].ShouldMatch($@"etcd.service: removed m-[0-9a-f]+ \([0-9a-f]+\) at {Nodes[2].Address}, which DNS no longer names and which was unhealthy for 0\.1 minutes");
        Nodes[0].Etcdctl("put", "greeting", "hello").ExitCode.ShouldBe(0, _cluster.ToString());

        _cluster.Dns = [.. Nodes.Select(node => node.Address)];
        Nodes[2].Boot();
        await NeverStartsAsync(Nodes[2]);
        Directory.Exists(Nodes[2].Root[EtcdPaths.Log]).ShouldBeTrue();
        await _cluster.WaitAsync(() => Nodes[0].Peers?.Peers.FirstOrDefault(peer => peer.Address == Nodes[2].Address) is { State: PeerStatusLine.NoMember });
        Members().ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_goes_while_quorum_is_lost_and_who_comes_back_is_a_member_still()
    {
        await _cluster.FormAsync();
        Nodes[0].StopEtcd();
        Nodes[1].StopEtcd();
        _cluster.Dns = [Nodes[2].Address];
        await Task.Delay(_unhealthyFor * 2, _cluster.Limit);
        Nodes[0].StartEtcd();
        await _cluster.WaitHealthyAsync(Nodes[0], Nodes[2]);
        Members().ShouldBe(3);
        Nodes[1].StartEtcd();
        await _cluster.WaitHealthyAsync(Nodes);
        string.Concat(Nodes.Select(node => node.Console.ToString())).ShouldNotContain("removed");
    }

    [Fact]
    public async Task A_running_member_that_the_administrator_removes_ends_and_is_not_started_again_and_again()
    {
        await _cluster.FormAsync();
        await _cluster.WaitAsync(() => Nodes.All(node => Record(node).MemberId is not null));
        string id = $"{Record(Nodes[2]).MemberId:x}";
        await _cluster.WaitAsync(() => Nodes[0].Etcdctl("member", "remove", id).ExitCode == 0); // etcd wants five seconds of health first
        await _cluster.WaitAsync(() => Nodes[2].EtcdId is null); // systemd would now start its preparation again
        await NeverStartsAsync(Nodes[2]);
    }

    [Fact]
    public async Task A_learner_that_never_starts_goes_though_DNS_names_it_and_the_next_machine_joins()
    {
        await _cluster.FormAsync();
        string absent = _cluster.AddressOf(9);
        _cluster.Dns = [.. Nodes.Select(node => node.Address), absent];
        await _cluster.WaitAsync(
            () => Nodes[0].Etcdctl("member", "add", "absent", "--learner", $"--peer-urls=https://{absent}:2380").ExitCode == 0);

        EtcdTestNode wiped = Nodes[2];
        wiped.Wipe();
        wiped.Boot();
        await wiped.PrepareAsync(_cluster.Limit);
        wiped.StartEtcd();

        await _cluster.WaitHealthyAsync(Nodes);
        Members().ShouldBe(3);
        string story = string.Concat(Nodes.Take(2).Select(node => node.Console.ToString()));
        story.ShouldMatch($@"removed unstarted member \([0-9a-f]+\) at {absent}, which was added and did not start within 0\.1 minutes");
    }

    [Fact]
    public async Task A_member_whose_return_restores_the_majority_starts_at_once()
    {
        await _cluster.FormAsync();
        await _cluster.WaitAsync(() => Nodes.All(node => Record(node).MemberId is not null));
        Nodes[1].StopEtcd();
        Nodes[2].StopEtcd();
        await Task.Delay(TimeSpan.FromSeconds(3), _cluster.Limit); // the one that is left sees no leader

        Stopwatch preparing = Stopwatch.StartNew();
        await Nodes[1].PrepareAsync(_cluster.Limit);

        preparing.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4), "nobody can say whether it still is a member");
        Nodes[1].StartEtcd();
        await _cluster.WaitHealthyAsync(Nodes[0], Nodes[1]);
    }

    private static EtcdRecord Record(EtcdTestNode node) => new EtcdRecordStore(node.Root).Load();

    private int Members() => Nodes[0].Etcdctl("member", "list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Its preparation says why at once and goes on waiting.</summary>
    private async Task NeverStartsAsync(EtcdTestNode node)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_cluster.Limit);
        Task preparation = node.PrepareAsync(stop.Token);
        await _cluster.WaitAsync(() => node.Console.ToString().Contains("etcd.service: waiting for nothing"));
        await Task.Delay(TimeSpan.FromSeconds(2), _cluster.Limit);
        preparation.IsCompleted.ShouldBeFalse();
        string[] waits = [.. node.Console.ToString().Split('\n').Where(line => line.Contains("waiting for"))];
        waits[^1].ShouldContain(Removed);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(preparation);
    }
}
