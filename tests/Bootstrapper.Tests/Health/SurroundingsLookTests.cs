using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Etcd;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.Bootstrapper.Tests.Roles;

namespace Images.Bootstrapper.Tests.Health;

/// <summary>What a machine needs beside its own services: names, servers, leaders and room.</summary>
public sealed class SurroundingsLookTests : IDisposable
{
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler";

    private readonly FakeMachine _node = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    public void Dispose()
    {
        _limit.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task A_worker_names_each_master_that_does_not_answer()
    {
        Directory.CreateDirectory(_node.Root[NodeConfig.NodePaths.StateFolder]);
        using FakeResolved dns = new(_node.Root[ResolvedResolver.DefaultSocket], () => ["127.0.0.91", "127.0.0.92"]);
        using SurroundingsLook look = Look(OnLoopback(new SampleMachine(["worker"], "1.36.0").State));
        IReadOnlyList<Surrounding> seen = await look.AskAsync(_limit.Token);
        seen.Select(each => (each.Name, each.IsWell)).ShouldBe([("state partition", seen[0].IsWell), ("DNS", true), ("master 127.0.0.91", false), ("master 127.0.0.92", false)]);
        seen[0].Detail.ShouldMatch(@"^\d+ % free, \d+ MiB of \d+ MiB$");
        seen[1].Detail.ShouldBe("masters.demo.k8s. names 127.0.0.91, 127.0.0.92");
        seen[2].Detail.ShouldContain("refused", Case.Insensitive);
    }

    [Theory]
    [InlineData(0, false, "0 % free, 0 MiB of 10240 MiB")]
    [InlineData(900, false, "8 % free, 900 MiB of 10240 MiB")]
    [InlineData(1100, true, "10 % free, 1100 MiB of 10240 MiB")]
    [InlineData(10240, true, "99 % free, 10240 MiB of 10240 MiB")]
    public void A_state_partition_of_which_less_than_a_tenth_is_free_is_not_well(long free, bool isWell, string detail) =>
        SurroundingsLook.RoomOf(free << 20, 10240L << 20).ShouldBe(new Surrounding("state partition", isWell, detail));

    [Fact]
    public async Task A_silent_DNS_is_told_beside_the_answer_that_still_counts()
    {
        using SurroundingsLook look = Look(OnLoopback(new SampleMachine(["worker"], "1.36.0").State));
        using (FakeResolved dns = new(_node.Root[ResolvedResolver.DefaultSocket], () => ["127.0.0.91"]))
        {
            await look.AskAsync(_limit.Token);
        }

        Surrounding name = (await look.AskAsync(_limit.Token)).Single(each => each.Name == "DNS");
        name.IsWell.ShouldBeFalse();
        name.Detail.ShouldStartWith("masters.demo.k8s. gives no address since ");
        name.Detail.ShouldEndWith("; the last good answer counts: 127.0.0.91");
    }

    [Fact]
    public async Task Who_renews_its_lease_leads_whatever_its_clock_says_and_who_does_not_leads_no_more()
    {
        using FakeObjectApi api = new();
        SetTime time = new();
        using LeadersLook look = new(api.Connect, ["kube-scheduler"], time);
        async Task<Surrounding> SeeAsync() => (await look.AskAsync(_limit.Token)).ShouldHaveSingleItem();

        (await SeeAsync()).ShouldBe(new Surrounding("leader kube-scheduler", false, "nobody leads"));
        Renew(api, "master2_5b", time.GetUtcNow());
        (await SeeAsync()).ShouldBe(new Surrounding("leader kube-scheduler", true, "master2"));

        time.Advance(TimeSpan.FromSeconds(30));
        (await SeeAsync()).Detail.ShouldBe("nobody leads: master2 renewed its lease last at 2026-01-02T03:04:05.000000Z");

        Renew(api, "master2_5b", time.GetUtcNow().AddHours(-3));
        (await SeeAsync()).IsWell.ShouldBeTrue("its clock is wrong, and it renews");
        Renew(api, "", time.GetUtcNow());
        (await SeeAsync()).Detail.ShouldBe("nobody leads");
    }

    [Fact]
    public async Task Where_the_API_cannot_be_asked_nothing_is_said_of_leaders()
    {
        FakeObjectApi api = new();
        using LeadersLook look = new(api.Connect, ["kube-scheduler"], new SetTime());
        api.Dispose();
        (await look.AskAsync(_limit.Token)).ShouldBeEmpty();
    }

    private static void Renew(FakeObjectApi api, string holder, DateTimeOffset at) => api.Put(Lease, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "kube-scheduler" },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = 15,
            ["renewTime"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        },
    });

    private SurroundingsLook Look(NodeState state) => new(
        _node.Root, state, PeerDirectory.For(_node.Root, state, TimeProvider.System, TestPeers.AlwaysAnew), TimeSpan.FromSeconds(3), TimeProvider.System);

    /// <summary>Where its peers are: elsewhere loopback addresses are none.</summary>
    private static NodeState OnLoopback(NodeState state) =>
        state with { Identity = state.Identity with { Address = "127.0.0.90" } };
}
