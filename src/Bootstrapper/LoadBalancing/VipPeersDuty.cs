using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Writes keepalived's file anew where DNS names other machines that may hold the virtual address, and lets keepalived
/// read it again: that changes nobody's state, and no connection ends. It is never started anew.
/// </summary>
/// <param name="unit">keepalived's.</param>
/// <param name="peers">The machines that may hold the address, as DNS named them last.</param>
/// <param name="write">Writes the file for these; whether it changed.</param>
/// <param name="run">Runs a program: its name and arguments.</param>
/// <param name="narrator">Told of changes.</param>
internal sealed class VipPeersDuty(
    string unit, Func<CancellationToken, Task<PeerSet>> peers, Func<PeerSet, bool> write,
    Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run, Narrator narrator,
    TimeProvider time)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);

    private readonly RecentPeers _recent = new(time);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await LookAsync(cancellationToken);
            await Task.Delay(_look, time, cancellationToken);
        }
    }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        PeerSet known = _recent.With(await peers(cancellationToken));
        if (known.Count == 0 || !write(known)) // DNS has not answered yet: what "prepare" knew stays
        {
            return;
        }

        // it can be reloaded, so it is; where it does not run, nothing happens
        CommandResult result = await run(
            "systemctl", ["try-reload-or-restart", "--no-block", unit], cancellationToken);
        narrator.Say(result.Succeeded
            ? $"{unit}: may hold the address: {known}"
            : $"{unit}: its peers are {known} now, but it cannot be told: {result.Reason}");
    }
}
