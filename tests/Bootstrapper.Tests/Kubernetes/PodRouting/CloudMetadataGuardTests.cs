using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>When it looks and what it says; what the chain does is judged by <see cref="PodRoutingTests"/>.</summary>
public sealed class CloudMetadataGuardTests : IDisposable
{
    private const string Forwarded =
        ":IMAGES-GUARD - [0:0]\n"
        + "-A IMAGES-GUARD -d 169.254.169.254/32 -p udp -m udp --dport 53 -j RETURN\n"
        + "-A IMAGES-GUARD -d 169.254.169.254/32 -p udp -m udp --dport 123 -j RETURN\n"
        + "-A IMAGES-GUARD -d 169.254.169.254/32 -p tcp -m tcp --dport 53 -j RETURN\n"
        + "-A IMAGES-GUARD -d 169.254.169.254/32 -j DROP\n"
        + "-A IMAGES-GUARD -d 168.63.129.16/32 -p tcp -m tcp --dport 80 -j DROP\n"
        + "-A IMAGES-GUARD -d 168.63.129.16/32 -p tcp -m tcp --dport 32526 -j DROP\n";

    private const string Local =
        ":IMAGES-GUARD-LOCAL - [0:0]\n"
        + "-A IMAGES-GUARD-LOCAL -d 169.254.169.254/32 -m owner --uid-owner 0 -m cgroup --path \"system.slice\" -j RETURN\n"
        + "-A IMAGES-GUARD-LOCAL -d 169.254.169.254/32 -p tcp -m tcp ! --dport 53 -j DROP\n"
        + "-A IMAGES-GUARD-LOCAL -d 168.63.129.16/32 -m owner --uid-owner 0 -m cgroup --path \"system.slice\" -j RETURN\n"
        + "-A IMAGES-GUARD-LOCAL -d 168.63.129.16/32 -p tcp -m tcp --dport 80 -j DROP\n"
        + "-A IMAGES-GUARD-LOCAL -d 168.63.129.16/32 -p tcp -m tcp --dport 32526 -j DROP\n";

    private const string Standing = Forwarded + Local + "-A FORWARD -j IMAGES-GUARD\n-A POSTROUTING -j IMAGES-GUARD-LOCAL\n";

    private readonly VirtualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<double> _looks = [];
    private readonly List<double> _guarded = [];
    private readonly List<string> _said = [];
    private readonly List<string> _restored = [];
    private CommandResult _restoring = new(0, "", "");

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task It_looks_at_once_and_again_every_two_minutes_and_has_nothing_to_say_when_all_is_fine()
    {
        await RunAsync(Saved(""), Saved(Standing), Saved(Standing));
        _looks.ShouldBe([0, 120, 240]);
        _restored.ShouldBe(
        [
            $"*mangle\n{Forwarded}-I FORWARD 1 -j IMAGES-GUARD\nCOMMIT\n",
            $"*mangle\n{Local}-I POSTROUTING 1 -j IMAGES-GUARD-LOCAL\nCOMMIT\n",
        ]);
        _said.ShouldBeEmpty();
        _guarded.ShouldBe([0, 120, 240]);
    }

    [Fact]
    public async Task What_fails_is_tried_again_soon_and_said_once()
    {
        CommandResult refused = new(1, "", "Permission denied");
        await RunAsync(refused, refused, refused, Saved(Standing), refused, Saved(Standing));
        _looks.ShouldBe([0, 10, 20, 30, 150, 160]);
        _guarded.ShouldBe([30, 160], "no kubelet starts before");
        string line = "pods are not kept from 169.254.169.254, 168.63.129.16, where clouds serve a machine its metadata, and no kubelet starts before they are; trying again: iptables-save: Permission denied";
        _said.Where(said => said.StartsWith("pods are not kept", StringComparison.Ordinal)).ShouldBe([line, line], "the second one came after all was fine");
    }

    [Fact]
    public async Task A_chain_that_the_kernel_refuses_is_said_once_too()
    {
        _restoring = new CommandResult(4, "", "Permission denied");
        await RunAsync(Saved(""), Saved(""));
        _looks.ShouldBe([0, 10]);
        _guarded.ShouldBeEmpty();
        _said.Count.ShouldBe(2);
        _said[0].ShouldEndWith("iptables-restore (mangle, IMAGES-GUARD): Permission denied");
    }

    [Fact]
    public async Task A_kernel_that_does_not_tell_services_from_pods_is_named_once_and_pods_may_run()
    {
        _restoring = new CommandResult(2, "", "iptables-restore v1:\nline 3: Invalid argument\nline 5: Invalid argument\n");
        string guarded = Forwarded + "-A FORWARD -j IMAGES-GUARD\n";
        await RunAsync(Saved(guarded), Saved(guarded));
        _guarded.ShouldBe([0, 120]);
        _said.ShouldBe(
        [
            "pods with hostNetwork and users' programs are not kept from 169.254.169.254, 168.63.129.16, for this kernel does not tell them from services; "
                + "other pods are looked after by a rule of their own: iptables-restore (mangle, IMAGES-GUARD-LOCAL): iptables-restore v1: line 3: Invalid argument",
        ]);
    }

    private static CommandResult Saved(string output) => new(0, output, "");

    /// <summary>Until each of these answers of iptables-save was given, once for either chain.</summary>
    private Task RunAsync(params CommandResult[] saved)
    {
        int asked = 0;
        PacketFilter filter = new((program, _, input, cancellationToken) =>
        {
            if (program == "iptables-restore")
            {
                _restored.Add(input!);
                return Task.FromResult(_restoring);
            }

            if (asked++ % 2 == 1)
            {
                return Task.FromResult(saved[_looks.Count - 1]);
            }

            if (_looks.Count == saved.Length)
            {
                _stop.Cancel();
                cancellationToken.ThrowIfCancellationRequested();
            }

            _looks.Add(_time.Elapsed.TotalSeconds);
            return Task.FromResult(saved[_looks.Count - 1]);
        });
        return Should.ThrowAsync<OperationCanceledException>(new CloudMetadataGuard(filter, MetadataAddress.Of(new Platform("Azure", "")), CloudMetadataGuard.Services, () => _guarded.Add(_time.Elapsed.TotalSeconds), new Narrator(_said.Add), _time).RunAsync(_stop.Token));
    }
}
