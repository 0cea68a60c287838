using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Tests.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>From an API that changes to the commands that the machine would run; what those do is judged by <see cref="PodRoutingTests"/>.</summary>
public sealed class PodRoutingDutyTests : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly FakeWatchApi _api = new();
    private readonly List<string> _changes = [];
    private readonly SortedDictionary<string, string[]> _routes = new(StringComparer.Ordinal);
    private readonly List<string> _said = [];
    private readonly List<(string Share, int Mtu)> _found = [];
    private Task _running = Task.CompletedTask;
    private volatile string _failure = "";
    private volatile int _looks;

    public void Dispose()
    {
        _stop.Cancel();
        _api.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Nothing_is_touched_while_the_API_is_away_and_the_share_is_told_once_it_is_known_and_when_it_changes()
    {
        _api.Answer = (_, _) => (503, "{}");
        Start(PodRoutingMode.Overlay);
        await UntilAsync(() => _said.Any(line => line.Contains("503", StringComparison.Ordinal)));
        _changes.ShouldBeEmpty();

        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", podCidr: null));
        _api.Answer = (_, _) => null;
        await UntilAsync(() => _said.Contains("pods' network: no other machine has pods yet"));
        _found.ShouldBeEmpty("the controller manager has given this Node no share yet");

        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        await UntilAsync(() => _found.Count == 1);
        _api.Put("/api/v1/nodes", Node("w2", "10.0.0.2", "10.200.2.0/24"));
        await UntilAsync(() => _said.Contains("pods' network: 10.200.2.0/24 via 198.18.0.2"));
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.3.0/24"));
        await UntilAsync(() => _found.Count == 2);
        _found.ShouldBe([("10.200.1.0/24", 1450), ("10.200.3.0/24", 1450)]);
        _running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_route_of_each_other_Node_is_set_and_what_fails_is_said_once()
    {
        _failure = "RTNETLINK answers: Network is unreachable";
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        _api.Put("/api/v1/nodes", Node("w2", "10.0.0.2", "10.200.2.0/24"));
        Start(PodRoutingMode.Routed, new FixedResolver("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        await UntilAsync(() => _said.Count(line => line.Contains("route replace 10.200.2.0/24 via 10.0.0.2", StringComparison.Ordinal)) == 1);
        _api.Put("/api/v1/nodes", Node("w3", "10.0.0.3", "10.200.3.0/24"));
        await UntilAsync(() => _said.Any(line => line.Contains("route replace 10.200.3.0/24 via 10.0.0.3", StringComparison.Ordinal)));
        _said.Count(line => line.Contains("route replace 10.200.2.0/24 via 10.0.0.2", StringComparison.Ordinal)).ShouldBe(1);
        _said.ShouldContain("pods' network: 10.200.2.0/24 via 10.0.0.2, 10.200.3.0/24 via 10.0.0.3");
        _changes.ShouldContain("ip route replace 10.200.2.0/24 via 10.0.0.2 proto 158");
        _found.ShouldBe([("10.200.1.0/24", 1500)]);
    }

    [Fact]
    public async Task Of_two_Nodes_at_this_machines_address_the_newer_one_counts()
    {
        _api.Put("/api/v1/nodes", Node("a-before", "10.0.0.1", "10.200.1.0/24", "2026-01-01T00:00:00Z"));
        _api.Put("/api/v1/nodes", Node("b-now", "10.0.0.1", "10.200.2.0/24", "2026-02-01T00:00:00Z"));
        Start(PodRoutingMode.Routed);
        await UntilAsync(() => _found.Count == 1);
        _found.ShouldBe([("10.200.2.0/24", 1500)]);
    }

    [Fact]
    public async Task Nothing_is_touched_before_DNS_has_named_a_machine_for_masters_are_no_Nodes()
    {
        FixedResolver silent = new();
        _api.Put("/api/v1/nodes", Node("w2", "10.0.0.2", "10.200.2.0/24"));
        Start(PodRoutingMode.Overlay, silent);
        await UntilAsync(() => silent.Asked > 0);
        _api.Put("/api/v1/nodes", Node("w3", "10.0.0.3", "10.200.3.0/24"));
        await LookAgainAsync(silent);
        _changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kernel_that_is_as_planned_is_looked_at_again_after_two_minutes_and_not_with_each_change_of_a_Node()
    {
        SetTime time = new();
        FixedResolver resolver = new("10.0.0.1", "10.0.0.2");
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        Start(PodRoutingMode.Routed, resolver, time);
        await UntilAsync(() => _found.Count == 1);
        int looks = _looks;

        time.Advance(TimeSpan.FromSeconds(119));
        await LookAgainAsync(resolver);
        _looks.ShouldBe(looks);

        time.Advance(TimeSpan.FromSeconds(2));
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24", "2026-01-01T00:00:09Z"));
        await UntilAsync(() => _looks > looks);
    }

    [Fact]
    public async Task What_failed_is_tried_again_after_ten_seconds_and_not_with_each_change_of_a_Node()
    {
        SetTime time = new();
        FixedResolver resolver = new("10.0.0.1", "10.0.0.2");
        _failure = "RTNETLINK answers: Network is unreachable";
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        _api.Put("/api/v1/nodes", Node("w2", "10.0.0.2", "10.200.2.0/24"));
        Start(PodRoutingMode.Routed, resolver, time);
        await UntilAsync(() => _changes.Any(line => line.Contains("10.200.2.0/24", StringComparison.Ordinal)) && _found.Count == 1);
        await LookAgainAsync(resolver); // until the list of Nodes was whole
        int tried = _changes.Count;

        time.Advance(TimeSpan.FromSeconds(9));
        await LookAgainAsync(resolver);
        _changes.Count.ShouldBe(tried);

        time.Advance(TimeSpan.FromSeconds(2));
        _failure = "";
        await LookAgainAsync(resolver);
        await UntilAsync(() => _routes.ContainsKey("10.200.2.0/24"));
    }

    [Fact]
    public async Task A_Node_at_an_address_that_DNS_does_not_name_is_said_once_and_has_a_route_from_when_DNS_names_it_until_it_is_gone()
    {
        const string LeftOut = "pods' network: the Node w3 says that it is at 10.0.0.3, which DNS does not name: nothing is sent to its pods. "
            + "If it is a machine of this cluster, add the address to workers.demo.k8s";
        FixedResolver resolver = new("10.0.0.1", "10.0.0.2");
        KubernetesObject stranger = Node("w3", "10.0.0.3", "10.200.3.0/24");
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        _api.Put("/api/v1/nodes", Node("w2", "10.0.0.2", "10.200.2.0/24"));
        _api.Put("/api/v1/nodes", stranger);
        Start(PodRoutingMode.Routed, resolver);
        await UntilAsync(() => _routes.Count == 1);
        await LookAgainAsync(resolver);
        _routes.Keys.ShouldBe(["10.200.2.0/24"]);
        _said.ShouldBe([LeftOut, "pods' network: 10.200.2.0/24 via 10.0.0.2"]);

        resolver.Set("10.0.0.1", "10.0.0.2", "10.0.0.3");
        await LookAgainAsync(resolver);
        _routes.Keys.ShouldBe(["10.200.2.0/24", "10.200.3.0/24"]);
        resolver.Set("10.0.0.1", "10.0.0.2");
        await LookAgainAsync(resolver);
        _routes.Keys.ShouldBe(["10.200.2.0/24", "10.200.3.0/24"]);

        _api.Delete("/api/v1/nodes", stranger);
        await UntilAsync(() => _routes.Count == 1);
        _api.Put("/api/v1/nodes", stranger);
        await UntilAsync(() => _said.Count(line => line == LeftOut) == 2);
        await LookAgainAsync(resolver);
        _routes.Keys.ShouldBe(["10.200.2.0/24"]);
    }

    [Fact]
    public async Task An_agent_that_starts_anew_believes_where_packets_go_already_though_DNS_lacks_it_just_then()
    {
        FixedResolver workers = new();
        KubernetesObject standing = Node("w2", "10.0.0.2", "10.200.2.0/24");
        _routes["10.200.2.0/24"] = ["via", "10.0.0.2"]; // of the agent before
        _routes["10.200.3.0/24"] = ["via", "10.0.0.3"]; // to a Node that is gone
        _api.Put("/api/v1/nodes", standing);
        _api.Put("/api/v1/nodes", Node("w4", "10.0.0.4", "10.200.4.0/24"));
        Start(PodRoutingMode.Routed, workers, masters: new FixedResolver("10.0.0.9"));
        await UntilAsync(() => _routes.Count == 1);
        await LookAgainAsync(workers);
        _routes.Keys.ShouldBe(["10.200.2.0/24"]);
        _changes.Where(line => line.Contains("10.200.2.0/24", StringComparison.Ordinal)).ShouldBeEmpty();

        _api.Delete("/api/v1/nodes", standing);
        await UntilAsync(() => _routes.Count == 0);
    }

    [Fact]
    public async Task This_machines_own_Node_counts_whatever_DNS_says()
    {
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24"));
        Start(PodRoutingMode.Overlay, new FixedResolver("10.0.0.9", "fd00::9"));
        await UntilAsync(() => _found.Count == 1);
        _found.ShouldBe([("10.200.1.0/24", 1450)]);
        _changes.Where(line => line.StartsWith("bridge", StringComparison.Ordinal)).ShouldBe(["bridge fdb replace 02:58:0a:00:00:09 dev pods0 dst 10.0.0.9"]);
        _said.ShouldBe(["pods' network: no other machine has pods yet"]);
    }

    private void Start(PodRoutingMode mode, FixedResolver? resolver = null, TimeProvider? time = null, FixedResolver? masters = null)
    {
        PodRoutingSettings settings = new() { Mode = mode, Address = IPAddress.Parse("10.0.0.1"), PodNetwork = IPNetwork.Parse("10.200.0.0/16") };
        PeerWatch workers = TestPeers.Watch("workers.demo.k8s.", resolver ?? new FixedResolver("10.0.0.1", "10.0.0.2"), TimeProvider.System);
        PodRoutingDuty duty = new(settings, _api.Connect, masters is null ? [workers] : [workers, TestPeers.Watch("masters.demo.k8s.", masters, TimeProvider.System)], new PodRouter(RunAsync), (share, mtu) => Keep(_found, (share, mtu)), new Narrator(line => Keep(_said, line)), time ?? TimeProvider.System);
        _running = duty.RunAsync(_stop.Token);
    }

    /// <summary>With the second look, the first is done with.</summary>
    private async Task LookAgainAsync(FixedResolver resolver)
    {
        for (int change = 1; change < 3; change++)
        {
            int asked = resolver.Asked;
            _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24", $"2026-01-01T00:00:0{change}Z"));
            await UntilAsync(() => resolver.Asked > asked);
        }
    }

    /// <summary>A machine with one interface, whose kernel holds no more of ours than routes.</summary>
    private Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        string line = $"{program} {string.Join(' ', arguments)}";
        if (arguments.Contains("route") && arguments.Contains("show"))
        {
            Interlocked.Increment(ref _looks);
        }

        if (arguments.Any(argument => argument is "add" or "delete" or "replace" or "set") || input is not null)
        {
            Keep(_changes, line);
            KeepRoute([.. arguments]);
            return Task.FromResult(new CommandResult(_failure.Length == 0 ? 0 : 2, "", _failure));
        }

        return Task.FromResult(new CommandResult(0, line switch
        {
            "ip -json address show to 10.0.0.1/32" => """[{"ifname":"eth0"}]""",
            "ip -json link show dev eth0" => """[{"ifname":"eth0","mtu":1500}]""",
            "ip -json route show proto 158" => ShowRoutes(),
            _ => "",
        }, ""));
    }

    private void KeepRoute(string[] arguments)
    {
        lock (_gate)
        {
            if (_failure.Length == 0 && arguments is ["route", "replace", string wanted, .. string[] way])
            {
                _routes[wanted] = way;
            }
            else if (arguments is ["route", "delete", string gone, ..])
            {
                _routes.Remove(gone);
            }
        }
    }

    private string ShowRoutes()
    {
        lock (_gate)
        {
            return new JsonArray([.. _routes.Select(route => new JsonObject
            {
                ["dst"] = route.Key,
                [route.Value[0] == "via" ? "gateway" : "dev"] = route.Value[1],
            })]).ToJsonString();
        }
    }

    private void Keep<T>(List<T> list, T item)
    {
        lock (_gate)
        {
            list.Add(item);
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (true)
        {
            lock (_gate)
            {
                if (condition())
                {
                    return;
                }
            }

            _running.IsFaulted.ShouldBeFalse(_running.Exception?.ToString());
            _stop.IsCancellationRequested.ShouldBeFalse($"{string.Join('\n', _said)}\n{string.Join('\n', _changes)}\n{string.Join('\n', _api.Requests)}");
            await Task.Delay(50);
        }
    }

    private static KubernetesObject Node(string name, string address, string? podCidr, string created = "2026-01-01T00:00:00Z") => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["creationTimestamp"] = created },
        ["spec"] = podCidr is null ? null : new JsonObject { ["podCIDR"] = podCidr },
        ["status"] = new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = address }) },
    });
}
