using System.Text.Json.Nodes;
using Images.Baker;
using Images.Baker.Upgrading;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Upgrading;

/// <summary>Two who would upgrade one cluster, baker or a node's own program.</summary>
public sealed class LeaseLockTests : IDisposable
{
    private readonly FakeObjectApi _api = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private readonly List<string> _said = [];

    public void Dispose()
    {
        _limit.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task Who_holds_it_keeps_others_off_until_it_is_given_back()
    {
        using ApiServer api = Connect();
        await using (LeaseLock held = await TakeAsync(api, "ann", new SetTime()))
        {
            await held.RequireAsync(_limit.Token);
            Holder.ShouldBe("ann");
            _api.Find(LeaseLock.Path)!.Number("spec", "leaseDurationSeconds").ShouldBe(60);
            (await TakeAsNodeAsync()).ShouldBeFalse();
        }

        Holder.ShouldBe("");
        (await TakeAsNodeAsync()).ShouldBeTrue("a node's own window has the same lease");
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_goes_on_is_seen_by_its_renewals_and_nobody_waits_for_it()
    {
        using ApiServer api = Connect();
        await using LeaseLock held = await TakeAsync(api, "ann");

        BakeException fault = await Should.ThrowAsync<BakeException>(() => TakeAsync(api, "bob"));

        fault.Code.ShouldBe("BAKE0983");
        fault.Problem.ShouldStartWith("another upgrade goes on, ann, since 2026-01-02T03:04:05");
        Holder.ShouldBe("ann");
    }

    [Fact]
    public async Task Who_was_killed_keeps_it_for_a_minute_and_no_longer()
    {
        Put("ann");
        using ApiServer api = Connect();
        VirtualTime time = new();

        await using LeaseLock held = await LeaseLock.TakeAsync(api, "bob", _said.Add, time, _limit.Token);

        Holder.ShouldBe("bob");
        time.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120));
        _said.ShouldBe(["another upgrade, ann, has begun at 2026-01-01T00:00:00.000000Z: is it still there?"]);
    }

    [Fact]
    public async Task A_step_does_not_begin_once_another_has_it()
    {
        using ApiServer api = Connect();
        await using LeaseLock held = await TakeAsync(api, "ann", new SetTime());
        Put("bob");

        (await Should.ThrowAsync<BakeException>(() => held.RequireAsync(_limit.Token))).Code.ShouldBe("BAKE0983");

        Holder.ShouldBe("bob");
    }

    [Fact]
    public async Task A_step_waits_for_an_API_that_is_away_for_a_while_and_stops_where_it_stays_away()
    {
        using ApiServer api = Connect();
        await using LeaseLock held = await TakeAsync(api, "ann");
        int refused = 0;
        _api.Instead = async context =>
        {
            if (Interlocked.Increment(ref refused) > 20)
            {
                return false;
            }

            await FakeObjectApi.RefuseAsync(context, 500, "etcdserver: leader changed");
            return true;
        };
        await held.RequireAsync(_limit.Token);
        refused.ShouldBeGreaterThan(20);

        _api.Instead = async context =>
        {
            await FakeObjectApi.RefuseAsync(context, 500, "etcdserver: leader changed");
            return true;
        };
        BakeException fault = await Should.ThrowAsync<BakeException>(() => held.RequireAsync(_limit.Token));
        (fault.Code, fault.Problem).ShouldBe(("BAKE0982", "the API refuses it: etcdserver: leader changed."));
        _api.Instead = null;
    }

    [Fact]
    public async Task The_next_master_is_asked_where_one_does_not_answer()
    {
        Uri closed = new($"http://127.0.0.1:{FreePort.Next()}");
        using ApiServer api = new([closed, _api.Url], new SocketsHttpHandler());
        (await api.GetAsync("/api/v1/namespaces/default", _limit.Token)).IsDone.ShouldBeTrue();

        using ApiServer none = new([closed], new SocketsHttpHandler());
        BakeException fault = await Should.ThrowAsync<BakeException>(() => none.GetAsync("/api/v1/nodes", _limit.Token));
        (fault.Code, fault.Fault).ShouldBe(("BAKE0982", BakeFault.Source));
        fault.Problem.ShouldStartWith($"does not answer: {closed.Authority}: ");
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[1]")]
    [InlineData("{\"metadata\":[],\"spec\":7}")]
    [InlineData("{\"spec\":{\"holderIdentity\":{}}}")]
    [InlineData("")]
    public async Task Nonsense_from_an_API_is_an_answer_that_helps_nobody(string json)
    {
        using ApiServer api = Connect();
        _api.Instead = async context =>
        {
            await FakeObjectApi.AnswerAsync(context, context.Request.HttpMethod == "GET" ? 200 : 422, json);
            return true;
        };

        (await Should.ThrowAsync<BakeException>(() => TakeAsync(api, "ann"))).Code.ShouldBe("BAKE0982");
    }

    private string Holder => _api.Find(LeaseLock.Path)!.Text("spec", "holderIdentity");

    private ApiServer Connect() => new([_api.Url], new SocketsHttpHandler());

    private Task<LeaseLock> TakeAsync(ApiServer api, string holder, TimeProvider? time = null) =>
        LeaseLock.TakeAsync(api, holder, _said.Add, time ?? new VirtualTime(), _limit.Token);

    private async Task<bool> TakeAsNodeAsync()
    {
        using KubernetesClient client = _api.Connect();
        return await new KubernetesLease("kube-system", "images-upgrade", "m1", new LeaseTimes(), new SetTime()).TryTakeAsync(client, _limit.Token);
    }

    private void Put(string holder) => _api.Put(LeaseLock.Path, new JsonObject
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = "images-upgrade", ["namespace"] = "kube-system" },
        ["spec"] = new JsonObject { ["holderIdentity"] = holder, ["leaseDurationSeconds"] = 60, ["acquireTime"] = "2026-01-01T00:00:00.000000Z" },
    });
}
