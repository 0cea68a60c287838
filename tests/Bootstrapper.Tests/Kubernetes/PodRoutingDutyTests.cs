using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>From an API that changes to the commands that the machine would run; what those do is judged by <see cref="PodRoutingTests"/>.</summary>
public sealed class PodRoutingDutyTests : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly FakeKubernetesApi _api = new();
    private readonly List<string> _changes = [];
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
        Start(PodRoutingMode.Routed);
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
        await UntilAsync(() => silent.Asked == 1);
        _api.Put("/api/v1/nodes", Node("w3", "10.0.0.3", "10.200.3.0/24"));
        await UntilAsync(() => silent.Asked == 2);
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
        for (int change = 1; change < 3; change++) // with the second, the first is done with
        {
            int asked = resolver.Asked;
            _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24", $"2026-01-01T00:00:0{change}Z"));
            await UntilAsync(() => resolver.Asked > asked);
            _looks.ShouldBe(looks);
        }

        time.Advance(TimeSpan.FromSeconds(2));
        _api.Put("/api/v1/nodes", Node("w1", "10.0.0.1", "10.200.1.0/24", "2026-01-01T00:00:09Z"));
        await UntilAsync(() => _looks > looks);
    }

    private void Start(PodRoutingMode mode, FixedResolver? resolver = null, TimeProvider? time = null)
    {
        PodRoutingSettings settings = new() { Mode = mode, Address = IPAddress.Parse("10.0.0.1"), PodNetwork = IPNetwork.Parse("10.200.0.0/16") };
        PeerWatch workers = new("workers.demo.k8s.", resolver ?? new FixedResolver("10.0.0.1", "10.0.0.2"), TimeProvider.System);
        PodRoutingDuty duty = new(settings, _api.Connect, [workers], new PodRouter(RunAsync), (share, mtu) => Keep(_found, (share, mtu)), line => Keep(_said, line), time ?? TimeProvider.System);
        _running = duty.RunAsync(_stop.Token);
    }

    /// <summary>A machine with one interface, whose kernel holds nothing of ours.</summary>
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
            return Task.FromResult(new CommandResult(_failure.Length == 0 ? 0 : 2, "", _failure));
        }

        return Task.FromResult(new CommandResult(0, line switch
        {
            "ip -json address show to 10.0.0.1/32" => """[{"ifname":"eth0"}]""",
            "ip -json link show dev eth0" => """[{"ifname":"eth0","mtu":1500}]""",
            _ => "",
        }, ""));
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
