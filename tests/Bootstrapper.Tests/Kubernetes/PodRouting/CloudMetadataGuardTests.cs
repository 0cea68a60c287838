using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>When it looks and what it says; what the chain does is judged by <see cref="PodRoutingTests"/>.</summary>
public sealed class CloudMetadataGuardTests : IDisposable
{
    private const string Standing = ":IMAGES-GUARD - [0:0]\n-A FORWARD -j IMAGES-GUARD\n-A IMAGES-GUARD -d 169.254.169.254/32 -j DROP\n";

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
        _restored.ShouldBe(["*mangle\n:IMAGES-GUARD - [0:0]\n-A IMAGES-GUARD -d 169.254.169.254/32 -j DROP\n-I FORWARD 1 -j IMAGES-GUARD\nCOMMIT\n"]);
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
        string line = "pods are not kept from 169.254.169.254, where clouds serve a machine its metadata, and no kubelet starts before they are; trying again: iptables-save: Permission denied";
        _said.ShouldBe([line, line], "the second one came after all was fine");
    }

    [Fact]
    public async Task A_chain_that_the_kernel_refuses_is_said_once_too()
    {
        _restoring = new CommandResult(4, "", "Permission denied");
        await RunAsync(Saved(""), Saved(""));
        _looks.ShouldBe([0, 10]);
        _guarded.ShouldBeEmpty();
        _said.ShouldHaveSingleItem().ShouldEndWith("iptables-restore (mangle, IMAGES-GUARD): Permission denied");
    }

    private static CommandResult Saved(string output) => new(0, output, "");

    /// <summary>Until each of these answers of iptables-save was given.</summary>
    private Task RunAsync(params CommandResult[] saved)
    {
        PacketFilter filter = new((program, _, input, cancellationToken) =>
        {
            if (program == "iptables-restore")
            {
                _restored.Add(input!);
                return Task.FromResult(_restoring);
            }

            if (_looks.Count == saved.Length)
            {
                _stop.Cancel();
                cancellationToken.ThrowIfCancellationRequested();
            }

            _looks.Add(_time.Elapsed.TotalSeconds);
            return Task.FromResult(saved[_looks.Count - 1]);
        });
        return Should.ThrowAsync<OperationCanceledException>(new CloudMetadataGuard(filter, () => _guarded.Add(_time.Elapsed.TotalSeconds), new Narrator(_said.Add), _time).RunAsync(_stop.Token));
    }
}
