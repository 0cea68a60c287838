using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

public sealed class KubernetesLeaseTests : IDisposable
{
    private const string Path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/one";

    private readonly FakeObjectApi _api = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose()
    {
        _limit.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task A_lease_is_taken_over_once_it_has_not_changed_for_its_duration_by_the_clock_of_whoever_looks()
    {
        SetTime first = new(TimeSpan.FromDays(-30)), second = new();
        (await TakeAsync("m1", first)).ShouldBeTrue();
        KubernetesLease lease = Lease("m2", second);
        (await TakeAsync(lease)).ShouldBeFalse("its renewTime is a month ago by this clock, which says nothing");
        lease.Holder.ShouldBe("m1");
        second.Advance(TimeSpan.FromSeconds(14.9));
        (await TakeAsync(lease)).ShouldBeFalse();
        second.Advance(TimeSpan.FromSeconds(0.1));
        (await TakeAsync(lease)).ShouldBeTrue();
        KubernetesObject taken = _api.Find(Path)!;
        (taken.Text("spec", "holderIdentity"), taken.Number("spec", "leaseTransitions"), taken.Number("spec", "leaseDurationSeconds")).ShouldBe(("m2", 1L, 15L));
        taken.Text("spec", "acquireTime").ShouldBe("2026-01-02T03:04:20.000000Z");
    }

    [Fact]
    public async Task A_lease_that_is_renewed_is_never_taken_over()
    {
        SetTime first = new(), second = new();
        KubernetesLease holder = Lease("m1", first), other = Lease("m2", second);
        for (int minute = 0; minute < 20; minute++)
        {
            (await TakeAsync(holder)).ShouldBeTrue();
            (await TakeAsync(other)).ShouldBeFalse();
            first.Advance(TimeSpan.FromSeconds(10));
            second.Advance(TimeSpan.FromSeconds(10));
        }

        KubernetesObject standing = _api.Find(Path)!;
        standing.Number("spec", "leaseTransitions").ShouldBe(0);
        standing.Text("spec", "acquireTime").ShouldBe("2026-01-02T03:04:05.000000Z");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_that_find_it_free_the_slower_one_gets_a_conflict(bool exists)
    {
        if (exists)
        {
            _api.Put(Path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "one" }, ["spec"] = new JsonObject { ["leaseDurationSeconds"] = 1 } });
        }

        SetTime time = new();
        _api.Instead = async context =>
        {
            if (context.Request.HttpMethod == "GET")
            {
                return false;
            }

            _api.Instead = null; // the other is in between reading and writing now
            (await TakeAsync("quick", time)).ShouldBeTrue();
            return false;
        };
        (await TakeAsync("slow", time)).ShouldBeFalse();
        _api.Find(Path)!.Text("spec", "holderIdentity").ShouldBe("quick");
    }

    /// <summary>Some hundred steps of three holders whose clocks differ by hours, some of which stop for a while.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Never_two_hold_it_at_a_time(int seed)
    {
        Random random = new(seed);
        LeaseTimes times = new();
        SetTime[] clocks = [new(), new(TimeSpan.FromHours(5)), new(TimeSpan.FromHours(-3))];
        KubernetesLease[] leases = [.. clocks.Select((clock, index) => Lease($"m{index}", clock))];
        TimeSpan[] heldUntil = new TimeSpan[clocks.Length];
        HashSet<int> holders = [];
        TimeSpan now = TimeSpan.Zero;
        using KubernetesClient client = _api.Connect();
        for (int step = 0; step < 400; step++)
        {
            TimeSpan passed = TimeSpan.FromSeconds(random.Next(10) == 0 ? random.Next(5, 20) : random.NextDouble() * 3);
            now += passed;
            Array.ForEach(clocks, clock => clock.Advance(passed));
            int who = random.Next(leases.Length);
            if (await leases[who].TryTakeAsync(client, _limit.Token))
            {
                heldUntil[who] = now + times.Deadline;
                holders.Add(who);
            }

            heldUntil.Count(until => until > now).ShouldBeLessThanOrEqualTo(1, $"step {step}");
        }

        holders.Count.ShouldBe(3, "all of them had it");
    }

    [Fact]
    public async Task After_the_work_it_is_free_at_once()
    {
        SetTime time = new();
        bool worked = false;
        using KubernetesClient client = _api.Connect();
        (await Lease("m1", time).WorkAsync(client, async token =>
        {
            worked = true;
            (await TakeAsync("m2", time)).ShouldBeFalse();
        }, _limit.Token)).ShouldBeTrue();
        worked.ShouldBeTrue();
        (await TakeAsync("m2", time)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_failure_of_the_work_is_the_caller_s_and_frees_it_too()
    {
        using KubernetesClient client = _api.Connect();
        await Should.ThrowAsync<InvalidDataException>(Lease("m1", new SetTime()).WorkAsync(client, _ => throw new InvalidDataException("no"), _limit.Token));
        (await TakeAsync("m2", new SetTime())).ShouldBeTrue();
    }

    [Fact]
    public async Task Work_is_cancelled_when_another_has_the_lease()
    {
        using KubernetesClient client = _api.Connect();
        bool cancelled = false;
        KubernetesApiException lost = await Should.ThrowAsync<KubernetesApiException>(Lease("m1", new SetTime()).WorkAsync(client, async token =>
        {
            JsonObject stolen = _api.Find(Path)!.Json;
            stolen["spec"]!["holderIdentity"] = "thief";
            _api.Put(Path, stolen);
            cancelled = await EndsAsync(token);
            token.ThrowIfCancellationRequested();
        }, _limit.Token));
        lost.Message.ShouldBe("the lease kube-system/one is held by thief now");
        cancelled.ShouldBeTrue();
        _api.Find(Path)!.Text("spec", "holderIdentity").ShouldBe("thief", "what is another's is not given back");
    }

    [Fact]
    public async Task Work_is_cancelled_when_the_lease_could_not_be_renewed_for_long()
    {
        SetTime time = new();
        using KubernetesClient client = _api.Connect();
        KubernetesApiException lost = await Should.ThrowAsync<KubernetesApiException>(Lease("m1", time).WorkAsync(client, async token =>
        {
            _api.Instead = async context =>
            {
                time.Advance(TimeSpan.FromSeconds(2));
                await FakeObjectApi.RefuseAsync(context, 500, "etcdserver: request timed out");
                return true;
            };
            (await EndsAsync(token)).ShouldBeTrue();
            time.GetUtcNow().ShouldBeLessThan(new DateTimeOffset(2026, 1, 2, 3, 4, 5 + 15, TimeSpan.Zero), "before anybody may take it over");
            token.ThrowIfCancellationRequested();
        }, _limit.Token));
        lost.Message.ShouldBe("the lease kube-system/one could not be renewed in time");
    }

    private async Task<bool> EndsAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, CancellationTokenSource.CreateLinkedTokenSource(token, _limit.Token).Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return token.IsCancellationRequested;
    }

    private static KubernetesLease Lease(string holder, SetTime time) => new("kube-system", "one", holder, new LeaseTimes(), time);

    private Task<bool> TakeAsync(string holder, SetTime time) => TakeAsync(Lease(holder, time));

    private async Task<bool> TakeAsync(KubernetesLease lease)
    {
        using KubernetesClient client = _api.Connect();
        return await lease.TryTakeAsync(client, _limit.Token);
    }
}
