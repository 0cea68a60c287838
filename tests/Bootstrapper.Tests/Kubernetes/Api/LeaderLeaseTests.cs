using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>A lease that a dead process held is given back by its machine, and no other's.</summary>
public sealed class LeaderLeaseTests : IDisposable
{
    private const string Path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler";

    private readonly FakeObjectApi _api = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private readonly SetTime _time = new();

    public void Dispose()
    {
        _limit.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task The_lease_of_this_machines_dead_process_is_free_at_once()
    {
        Put("master1_2c7f4d1e");
        (await GiveBackAsync("master1")).ShouldBeTrue();
        KubernetesObject freed = _api.Find(Path)!;
        freed.Text("spec", "holderIdentity").ShouldBeEmpty();
        freed.Number("spec", "leaseTransitions").ShouldBe(3, "who takes it counts");
        KubernetesLease next = new("kube-system", "kube-scheduler", "master2_5b", new LeaseTimes(), _time);
        using KubernetesClient client = _api.Connect();
        (await next.TryTakeAsync(client, _limit.Token)).ShouldBeTrue("before its fifteen seconds are over");
    }

    [Theory]
    [InlineData("master10_2c7f4d1e")]
    [InlineData("master")]
    [InlineData("master1")]
    [InlineData("")]
    public async Task Another_machines_lease_is_left(string holder)
    {
        Put(holder);
        (await GiveBackAsync("master1")).ShouldBeFalse();
        _api.Requests.ShouldAllBe(request => request.StartsWith("GET ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lease_that_somebody_renews_under_this_machines_name_is_left()
    {
        Put("master1_2c7f4d1e");
        int looks = 0;
        _api.Instead = _ =>
        {
            if (++looks == 2)
            {
                Put("master1_2c7f4d1e", transitions: 4); // the other one of this name
            }

            return Task.FromResult(false);
        };
        (await GiveBackAsync("master1")).ShouldBeFalse();
        _api.Find(Path)!.Text("spec", "holderIdentity").ShouldBe("master1_2c7f4d1e");
    }

    [Fact]
    public async Task Whoever_takes_it_between_the_look_and_the_write_keeps_it()
    {
        Put("master1_2c7f4d1e");
        _api.Instead = context =>
        {
            if (context.Request.HttpMethod == "PUT")
            {
                Put("master2_5b");
            }

            return Task.FromResult(false);
        };
        (await GiveBackAsync("master1")).ShouldBeFalse();
        _api.Find(Path)!.Text("spec", "holderIdentity").ShouldBe("master2_5b");
    }

    [Fact]
    public async Task Where_there_is_no_lease_yet_there_is_none_to_give_back() =>
        (await GiveBackAsync("master1")).ShouldBeFalse();

    private async Task<bool> GiveBackAsync(string hostname)
    {
        using KubernetesClient client = _api.Connect();
        return await new LeaderLease("kube-scheduler", hostname, _time).GiveBackAsync(client, _limit.Token);
    }

    private void Put(string holder, int transitions = 3) => _api.Put(Path, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "kube-scheduler", ["namespace"] = "kube-system" },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = 15,
            ["leaseTransitions"] = transitions,
        },
    });
}
