using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Agent;

/// <summary>Asks the units of the machine's roles how they are, and keeps that in the status.</summary>
internal sealed class ServiceFollower(
    NodeRoot root, NodeState state, StatusBoard status, NodeConsole console, TimeProvider time)
{
    /// <summary>A machine that is slow to answer is looked at less often.</summary>
    private const int ShareOfPauses = 4;

    private static readonly TimeSpan _pauseUntilReady = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pauseWhenReady = TimeSpan.FromSeconds(20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        StatusDocument known = status.Document;
        RoleService[] services = [.. ServiceFiles.Services(state).Select(item => item.Service)];
        ServiceWatch[] watches = [.. services.Select(service => new ServiceWatch(service.Unit, root, console))];
        foreach (ServiceWatch watch in watches)
        {
            watch.Resume(known.Services.FirstOrDefault(service => service.Unit == watch.Status.Unit));
        }

        EtcdVote vote = EtcdNode.Vote(root, state, time);
        using ServiceHealth health = new(
            new ServerAnswers(root, state, time, time), CommandRunner.RunAsync, time,
            (unit, cancelled) => unit == EtcdPaths.Unit ? vote.FaultAsync(cancelled) : Task.FromResult<string?>(null));
        while (true)
        {
            long began = time.GetTimestamp();
            IReadOnlyList<HealthReport> reports = await health.AskAsync(services, cancellationToken);
            for (int index = 0; index < services.Length; index++)
            {
                watches[index].See(reports[index], (int)(MachineClock.UptimeSeconds(root) - known.BootStarted));
            }

            ServiceStatus[] seen = [.. watches.Select(watch => watch.Status)];
            status.Change(document => document with { Services = seen });
            // a first miss is looked at again soon, though it is no news yet
            bool allReady = reports.All(report => report.IsReady);
            TimeSpan pause = allReady ? _pauseWhenReady : _pauseUntilReady,
                share = time.GetElapsedTime(began) * ShareOfPauses;
            await Task.Delay(pause > share ? pause : share, time, cancellationToken);
        }
    }
}
