using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A member that came back without its data: it answers, and has no vote yet.</summary>
[Collection("etcd")]
public sealed class EtcdLearnerTests : IDisposable
{
    /// <summary>Nobody asks for its promotion but the test.</summary>
    private readonly EtcdTestCluster _cluster = new(3, new EtcdRhythm { Look = TimeSpan.FromHours(1), LookAsLearner = TimeSpan.FromHours(1) });

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_learner_is_not_ready_until_it_has_a_vote()
    {
        await _cluster.FormAsync();
        EtcdTestNode node = _cluster.Nodes[2];
        node.Wipe();
        node.Boot();
        await node.PrepareAsync(_cluster.Limit);
        node.StartEtcd();
        using HttpClient client = new();
        await _cluster.WaitAsync(() => IsHealthy(client, node)); // etcd's own word, which is not enough

        HealthReport report = await LookAsync(node);
        report.IsReady.ShouldBeFalse(_cluster.ToString());
        report.Detail.ShouldBe("unit active; it is a learner, which has no vote until it has caught up");

        List<string> waits = [];
        EtcdVote vote = EtcdNode.Vote(node.Root, NodeState.Load(node.Root), TimeProvider.System);
        Task settling = vote.WaitAsync(() => true, waits.Add, TimeProvider.System, _cluster.Limit);
        await _cluster.WaitAsync(() => waits.Count > 2);
        settling.IsCompleted.ShouldBeFalse("who is ordered behind it waits");
        waits.ShouldAllBe(wait => wait == EtcdVote.Learner);
        await vote.WaitAsync(() => false, waits.Add, TimeProvider.System, _cluster.Limit); // one that has ended keeps nobody

        string id = _cluster.Nodes[0].Etcdctl("member", "list").Output.Split('\n').Single(line => line.Contains($"//{node.Address}:2380", StringComparison.Ordinal)).Split(',')[0];
        await _cluster.WaitAsync(() => _cluster.Nodes[0].Etcdctl("member", "promote", id).ExitCode == 0);
        await settling.WaitAsync(TimeSpan.FromSeconds(60), _cluster.Limit);
        await _cluster.WaitAsync(() => LookAsync(node).GetAwaiter().GetResult().IsReady);
    }

    [Fact]
    public async Task Who_does_not_say_whether_it_has_a_vote_is_not_ready()
    {
        await _cluster.FormAsync();
        EtcdTestNode node = _cluster.Nodes[0];
        (await LookAsync(node)).IsReady.ShouldBeTrue(_cluster.ToString());

        File.Delete(node.Root["/var/lib/bootstrapper/pki/etcd/health-client.key"]);

        (await LookAsync(node)).Detail.ShouldStartWith("unit active; whether it has a vote is not known: ");
    }

    private static bool IsHealthy(HttpClient client, EtcdTestNode node)
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://{node.Address}:2381/health");
            using HttpResponseMessage response = client.Send(request);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>As the agent looks, where systemd says that the unit runs.</summary>
    private async Task<HealthReport> LookAsync(EtcdTestNode node)
    {
        NodeState state = NodeState.Load(node.Root);
        EtcdVote vote = EtcdNode.Vote(node.Root, state, TimeProvider.System);
        using ServiceHealth health = new(
            new ServerAnswers(node.Root, state, TimeProvider.System, TimeProvider.System),
            (_, _, _) => Task.FromResult(new CommandResult(0, "ActiveState=active", "")),
            TimeProvider.System,
            TimeSpan.FromSeconds(30),
            (_, cancellationToken) => vote.FaultAsync(cancellationToken));
        RoleService service = new() { Unit = EtcdPaths.Unit, Ready = new ServiceReady { Url = $"http://{node.Address}:2381/health" } };
        return (await health.AskAsync([service], _cluster.Limit)).ShouldHaveSingleItem();
    }
}
