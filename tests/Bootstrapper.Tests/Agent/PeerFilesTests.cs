using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Agent;

/// <summary>A role whose files name peers needs no program for it.</summary>
public sealed class PeerFilesTests : IDisposable
{
    private const string Role = """
        role: cache
        dns: caches
        services:
          - unit: cache.service
            onPeers: [{ peers: cache, do: reload }]
            files: [{ path: /etc/cache.conf, template: cache.conf }, { path: /etc/cache.env, template: cache.env }]
        """;

    private readonly FakeMachine _machine = new();
    private readonly FixedResolver _dns = new("10.0.0.11");
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));
    private readonly List<string> _commands = [];
    private readonly List<string> _said = [];
    private CommandResult _result = new(0, "", "");

    public PeerFilesTests()
    {
        _machine.Put(NodePaths.Templates + "/cache/cache.conf", "{{each cache}}\npeer {{peer.address}}\n{{end}}\n");
        _machine.Put(NodePaths.Templates + "/cache/cache.env", "ADDRESS={{node.address}}\n");
    }

    public void Dispose()
    {
        _limit.Cancel();
        _limit.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task Files_follow_the_peers_and_the_service_reads_them()
    {
        _machine.Put("/etc/cache.conf", "peer 10.0.0.11\n");
        _machine.Put("/etc/cache.env", "ADDRESS=10.0.0.11\n");
        Task running = Files().RunAsync(_limit.Token);
        await UntilAsync(() => _dns.Asked > 3);
        _commands.ShouldBeEmpty("nothing has changed");

        _dns.Set("10.0.0.12", "10.0.0.11");
        await UntilAsync(() => _said.Count == 1);
        _machine.Get("/etc/cache.conf").ShouldBe("peer 10.0.0.11\npeer 10.0.0.12\n");
        _commands.ShouldBe(["systemctl try-reload-or-restart --no-block cache.service"]);
        _said.ShouldBe(["cache.service: caches.demo.k8s. names 10.0.0.11, 10.0.0.12; /etc/cache.conf written anew"]);

        _result = new CommandResult(1, "", "Connection timed out");
        _dns.Set("10.0.0.12");
        await UntilAsync(() => _said.Count == 2);
        _said[1].ShouldBe("cache.service: caches.demo.k8s. names 10.0.0.12; /etc/cache.conf written anew, and systemd does not reload it (Connection timed out); run 'systemctl reload cache.service'");

        int asked = _dns.Asked;
        _dns.Set();
        await UntilAsync(() => _dns.Asked > asked + 3);
        _machine.Get("/etc/cache.conf").ShouldBe("peer 10.0.0.12\n", "no answer takes no peer away");
        running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_not_prepared_yet_is_left_to_prepare()
    {
        _machine.Put("/etc/cache.conf", "");
        _ = Files().RunAsync(_limit.Token);
        await UntilAsync(() => _dns.Asked > 3);
        _machine.Get("/etc/cache.conf").ShouldBe("");
        _machine.Has("/etc/cache.env").ShouldBeFalse();
    }

    private PeerFiles Files()
    {
        CompiledRoles roles = CompiledRoles.Of([RoleFile.Parse(Role, "cache.yaml")]);
        NodeState state = new()
        {
            Identity = new NodeIdentity { InstanceId = "i", Roles = ["cache"], Cluster = "demo", Domain = "k8s", Hostname = "cache1", Address = "10.0.0.11", FirstBoot = DateTimeOffset.UnixEpoch },
            Metadata = CloudConfig.Parse("#cloud-config\nnode: { cluster: demo, role: cache }\n", "user-data", roles),
            ImageRoles = roles,
        };
        PeerDirectory directory = new(RoleNames.Of(state), _dns, kept: null, TestPeers.AlwaysAnew with { Pause = TimeSpan.FromMilliseconds(5), Kept = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);
        return new PeerFiles(_machine.Root, state, directory, RunAsync, new Narrator(_said.Add));
    }

    private Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        _commands.Add($"{program} {string.Join(' ', arguments)}");
        return Task.FromResult(_result);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, _limit.Token);
        }
    }
}
