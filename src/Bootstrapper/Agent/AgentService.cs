using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Agent;

/// <summary>Follows the machine's services for as long as it runs, and keeps the status file.</summary>
internal sealed partial class AgentService(
    NodeRoot root, NodeConsole console, TimeProvider time, ILogger<AgentService> logger) : BackgroundService
{
    /// <summary>A machine that is slow to answer is looked at less often.</summary>
    private const int ShareOfPauses = 4;

    private static readonly TimeSpan _longestPauseBeforeRoles = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pauseUntilReady = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pauseWhenReady = TimeSpan.FromSeconds(20);

    /// <summary>What the role's duty saw last; null until it has looked.</summary>
    private volatile PeerNameStatus[]? _peers;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            StatusDocument status = await WaitForRolesAsync(stoppingToken);
            NodeState state = NodeState.Load(root);
            Following(logger, state.Identity.Hostname);
            // none of them ends by itself: whatever does has failed
            await await Task.WhenAny(Duties(state, status, stoppingToken));
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException)
        {
            console.WriteLine($"agent: {BootFailure.Describe(e)}");
            throw;
        }
    }

    private List<Task> Duties(NodeState state, StatusDocument status, CancellationToken cancellationToken)
    {
        CertificateLife life = CertificateLife.Usual.For(state.Metadata.Node);
        NodeCertificates certificates = NodeCertificates.Of(root, state, life, time);
        CertificateRenewal renewal = new(
            state, certificates, life, Say, new ClockJumpRestarts(state, CommandRunner.RunAsync, Say).RestartAsync);
        List<Task> duties =
        [
            FollowServicesAsync(state, status, cancellationToken),
            renewal.RunAsync(time, cancellationToken),
            SpareMemory.RunAsync(SpareMemory.GiveBack, time, cancellationToken),
        ];
        if (state.Identity.Roles.Contains(EtcdAgent.Role, StringComparer.Ordinal))
        {
            duties.Add(new EtcdAgent(root, state, certificates, Say, peers => _peers = [peers], new EtcdRhythm(), time)
                .RunAsync(cancellationToken));
        }

        duties.AddRange(
            new KubernetesDuties(root, state, Say, time).All().Select(duty => duty.RunAsync(cancellationToken)));
        return duties;
    }

    private void Say(string line)
    {
        console.WriteLine(line);
        WhyTrace.Append(root, line);
    }

    private async Task<StatusDocument> WaitForRolesAsync(CancellationToken cancellationToken)
    {
        GrowingPause pause = new(_longestPauseBeforeRoles, time);
        while (true)
        {
            if (StatusFile.Read(root) is { Phase: StatusDocument.RolesStarted } status)
            {
                return status;
            }

            await pause.WaitAsync(cancellationToken);
        }
    }

    private async Task FollowServicesAsync(NodeState state, StatusDocument status, CancellationToken cancellationToken)
    {
        RoleService[] services = [.. ServiceFiles.Services(state).Select(item => item.Service)];
        ServiceWatch[] watches = [.. services.Select(service => new ServiceWatch(service.Unit, root, console))];
        foreach (ServiceWatch watch in watches)
        {
            watch.Resume(status.Services.FirstOrDefault(service => service.Unit == watch.Status.Unit));
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
                watches[index].See(reports[index], (int)(MachineClock.UptimeSeconds(root) - status.BootStarted));
            }

            ServiceStatus[] seen = [.. watches.Select(watch => watch.Status)];
            StatusFile.Write(root, status with { Services = seen, Peers = _peers ?? status.Peers });
            // a first miss is looked at again soon, though it is no news yet
            bool allReady = reports.All(report => report.IsReady);
            TimeSpan pause = allReady ? _pauseWhenReady : _pauseUntilReady,
                share = time.GetElapsedTime(began) * ShareOfPauses;
            await Task.Delay(pause > share ? pause : share, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "following the services of {Hostname}")]
    private static partial void Following(ILogger logger, string hostname);
}
