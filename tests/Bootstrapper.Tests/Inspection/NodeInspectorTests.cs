using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Inspection;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Inspection;

/// <summary>The whole look, on this machine and loopback.</summary>
public sealed class NodeInspectorTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public NodeInspectorTests() => Directory.CreateDirectory(_machine.Root[NodePaths.StateFolder]);

    public void Dispose()
    {
        _limit.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task A_worker_is_measured_against_its_role_and_its_masters()
    {
        SampleMachine sample = new(["worker"], "1.36.0");
        string date = DateTimeOffset.UtcNow.AddSeconds(-30).ToString("r", CultureInfo.InvariantCulture);
        using TlsServer master = new(sample.Authorities[ClusterSecrets.Kubernetes], $"200 OK\r\nDate: {date}");
        NodeState state = AtPort(sample.State, master.Url.Port);
        IReadOnlyList<Finding> findings = await LookAsync(state, new FixedResolver("127.0.0.1", "127.0.0.90"), TimeSpan.FromSeconds(20));
        findings.Select(finding => finding.Subject).ShouldBe(["processors", "memory", "disk", "ports", "DNS", "reverse DNS", "clock", "latency"], "no etcd, no disk's speed");
        findings.Single(finding => finding.Subject == "DNS").ShouldBe(new Finding("DNS", FindingWeight.Good, "workers.demo.k8s names this machine, 127.0.0.90"));
        Finding clock = findings.Single(finding => finding.Subject == "clock");
        clock.Weight.ShouldBe(FindingWeight.Fault);
        clock.Detail.ShouldMatch(@"^(2[6-9]|3[0-4]) s ahead of that of 127\.0\.0\.1$");
        findings.Single(finding => finding.Subject == "latency").Detail.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task DNS_that_says_nothing_costs_the_patience_and_no_more()
    {
        SampleMachine sample = new(["etcd"], "1.36.0");
        IReadOnlyList<Finding> findings = await LookAsync(sample.State, new FixedResolver(), TimeSpan.FromSeconds(1)).WaitAsync(TimeSpan.FromSeconds(30));
        findings.Single(finding => finding.Subject == "DNS").ShouldBe(
            new Finding("DNS", FindingWeight.Fault, "etcd.demo.k8s gives no address (the answer holds no address)"));
        findings.ShouldContain(finding => finding.Subject == "disk's speed");
    }

    private static NodeState AtPort(NodeState state, int port)
    {
        CompiledRoles roles = CompiledRoles.Of(
            state.ImageRoles.Roles.Select(role => role.Role == "master" ? role with { Ports = [new RolePort { Number = port, Protocol = "tcp" }] } : role),
            new Dictionary<string, ComponentVersion>(StringComparer.Ordinal) { ["kubernetes"] = new(1, 36, 0) });
        return state with { ImageRoles = roles, Identity = state.Identity with { Address = "127.0.0.90" } };
    }

    private Task<IReadOnlyList<Finding>> LookAsync(NodeState state, IPeerResolver resolver, TimeSpan patience)
    {
        PeerDirectory directory = new(RoleNames.Of(state), resolver, kept: null, TestPeers.AlwaysAnew, TimeProvider.System);
        ReverseNames reverse = new(_machine.Root[ResolvedResolver.DefaultSocket]);
        return new NodeInspector(_machine.Root, state, directory, reverse, resolver, patience, TimeProvider.System).LookAsync(_limit.Token);
    }
}
