using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Asks the units of the machine's roles how they are, at once when systemd says that something has changed and else
/// now and then, and keeps that in the status.
/// </summary>
internal sealed class ServiceFollower(
    NodeRoot root, NodeState state, StatusBoard status, NodeConsole console, TimeProvider time)
{
    /// <summary>A machine that is slow to answer is looked at less often.</summary>
    private const int ShareOfPauses = 4;

    private static readonly TimeSpan _pauseUntilReady = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pauseWhenReady = TimeSpan.FromSeconds(20);

    /// <summary>A unit's change comes as several signals.</summary>
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(100);

    private readonly ChangeSignal _changes = new(time);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        RoleService[] services = [.. ServiceFiles.Services(state).Select(item => item.Service)];
        using ServiceHealth health = ServiceLook.Health(root, state, Patience(), time);
        UnitSignals signals = new(
            [.. services.Select(service => service.Unit)],
            () =>
            {
                health.Forget();
                _changes.Set();
            },
            hears => health.HearsSignals = hears, time);
        await await Task.WhenAny(signals.RunAsync(cancellationToken), LookAsync(services, health, cancellationToken));
    }

    private async Task LookAsync(
        RoleService[] services, ServiceHealth health, CancellationToken cancellationToken)
    {
        StatusDocument known = status.Document;
        await NoteAgentAsync(known, cancellationToken);
        ServiceWatch[] watches = [.. services.Select(service => new ServiceWatch(service.Unit, root, console))];
        foreach (ServiceWatch watch in watches)
        {
            watch.Resume(known.Services.FirstOrDefault(service => service.Unit == watch.Status.Unit));
        }

        while (true)
        {
            long began = time.GetTimestamp();
            IReadOnlyList<HealthReport> reports = await health.AskAsync(services, cancellationToken);
            double uptime = MachineClock.UptimeSeconds(root);
            for (int index = 0; index < services.Length; index++)
            {
                watches[index].See(reports[index], (int)(uptime - known.BootStarted));
            }

            ServiceStatus[] seen = [.. watches.Select(watch => watch.Status)];
            status.Change(document => document with { Services = seen, LookedAt = Math.Round(uptime, 1) });
            // a first miss is looked at again soon, though it is no news yet
            bool allReady = reports.All(report => report.IsReady);
            TimeSpan pause = allReady ? _pauseWhenReady : _pauseUntilReady,
                share = time.GetElapsedTime(began) * ShareOfPauses;
            await _changes.WaitAsync(pause > share ? pause : share, cancellationToken);
            await Task.Delay(_gathering, time, cancellationToken);
        }
    }

    private TimeSpan Patience() => state.IsSlow ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(5);

    /// <summary>An agent that was killed says nothing any more; the next one does.</summary>
    private async Task NoteAgentAsync(StatusDocument known, CancellationToken cancellationToken)
    {
        UnitState own = (await UnitStates.AskAsync(CommandRunner.RunAsync, [ServiceLook.Agent], cancellationToken))[0];
        if (own.Restarts > known.AgentRestarts)
        {
            console.WriteLine($"{ServiceLook.Agent} ended and was started again; its journal has more");
        }

        status.Change(document => document with { AgentRestarts = own.Restarts });
    }
}
