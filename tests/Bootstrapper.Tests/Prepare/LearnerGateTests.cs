using System.Diagnostics;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Prepare;

/// <summary>Who reaches a member of etcd that has no vote yet.</summary>
public sealed class LearnerGateTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly List<string> _said = [];

    public LearnerGateTests() => Directory.CreateDirectory(_machine.Root[NodePaths.RunFolder]);

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Other_machines_are_refused_at_once_until_it_opens_and_the_machine_itself_never()
    {
        using Kubernetes.NetworkNamespace member = Kubernetes.NetworkNamespace.Create(), other = member.CreateBeside();
        member.Ip("link set lo up");
        member.Ip($"link add veth0 type veth peer name veth1 netns {other.Id}");
        member.Ip("addr add 10.1.0.1/24 dev veth0");
        member.Ip("link set veth0 up");
        other.Ip("addr add 10.1.0.2/24 dev veth1");
        other.Ip("link set veth1 up");
        using Process server = member.StartInside("socat", "TCP-LISTEN:2379,fork,reuseaddr", "SYSTEM:echo etcd");
        try
        {
            await UntilAsync(() => Ask(other) == "etcd");
            LearnerGate gate = new(_machine.Root, new PacketFilter(member.RunAsync), new Narrator(_said.Add));

            await gate.CloseAsync(CancellationToken.None);
            Stopwatch asking = Stopwatch.StartNew();
            Ask(other).ShouldContain("Connection refused");
            asking.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            Ask(member).ShouldBe("etcd", "the agent asks its own member");

            await gate.OpenAsync(CancellationToken.None);
            Ask(other).ShouldBe("etcd");
            _said.ShouldBeEmpty();
            _machine.Has(NodePaths.RunFolder + "/etcd-clients-refused").ShouldBeFalse();
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task Where_it_was_not_closed_no_program_runs_to_open_it()
    {
        PacketFilter filter = new((program, _, _, _) => throw new InvalidOperationException(program));
        await new LearnerGate(_machine.Root, filter, new Narrator(_said.Add)).OpenAsync(CancellationToken.None);
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_machine_that_cannot_close_it_says_so_and_one_that_cannot_open_it_tries_at_the_next_start()
    {
        CommandResult answer = new(1, "", "no such table");
        LearnerGate gate = new(_machine.Root, new PacketFilter((_, _, _, _) => Task.FromResult(answer)), new Narrator(_said.Add));
        await gate.CloseAsync(CancellationToken.None);
        await gate.OpenAsync(CancellationToken.None);
        _said.ShouldBe([
            "etcd.service: clients of a member that has no vote yet are not kept from it meanwhile: iptables-save: no such table",
            "etcd.service: clients of a member that has no vote yet may still be refused: iptables-save: no such table",
        ]);
        answer = new CommandResult(0, "", "");
        await gate.OpenAsync(CancellationToken.None);
        _said.Count.ShouldBe(2);
        _machine.Has(NodePaths.RunFolder + "/etcd-clients-refused").ShouldBeFalse();
    }

    private static string Ask(Kubernetes.NetworkNamespace from)
    {
        JudgeResult result = from.Try("socat", "-t", "3", "-", "TCP:10.1.0.1:2379,connect-timeout=10");
        return (result.Output + result.Error).Trim();
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int look = 0; !isSo(); look++)
        {
            look.ShouldBeLessThan(100);
            await Task.Delay(100);
        }
    }
}
