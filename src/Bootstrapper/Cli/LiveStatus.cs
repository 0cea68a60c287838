using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// The status of this moment: services, what they need and peers are asked anew, all at a time and each for a few
/// seconds. What the agent wrote last is the story so far.
/// </summary>
internal static class LiveStatus
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Null where the machine cannot be asked: its secrets are for root, or its roles have not started.
    /// </summary>
    public static async Task<StatusDocument?> LookAsync(
        NodeRoot root, StatusDocument known, TimeProvider time, CancellationToken cancellationToken)
    {
        if (known.Phase != StatusDocument.RolesStarted || Load(root) is not { } state)
        {
            return null;
        }

        RoleService[] services = [.. ServiceFiles.Services(state).Select(item => item.Service)];
        using ServiceHealth health = ServiceLook.Health(root, state, _patience, time);
        PeerDirectory directory = PeerDirectory.For(root, state, time);
        using SurroundingsLook surroundings = new(root, state, directory, _patience, time);
        Task<IReadOnlyList<HealthReport>> reports = health.AskAsync(services, cancellationToken);
        Task<IReadOnlyList<Surrounding>> needs = surroundings.AskAsync(cancellationToken);
        Task<IReadOnlyList<PeerNameStatus>> peers = PeersAsync(
            root, state, directory, known.Peers, time, cancellationToken);
        VipHolders? vip = VipHolders.Of(state, directory);
        Task<string>? holder = vip?.LookAsync(cancellationToken);
        Task<IReadOnlyList<UnitState>> agent = UnitStates.AskAsync(
            CommandRunner.RunAsync, [ServiceLook.Agent], cancellationToken);
        return known with
        {
            Services =
            [
                .. services.Zip(await reports, (service, report) => ServiceStates.Of(
                    report,
                    known.Services.FirstOrDefault(before => before.Unit == service.Unit)
                        ?? new ServiceStatus { Unit = service.Unit, State = ServiceStatus.Starting },
                    UnitWait.Read(root, service.Unit))),
            ],
            Surroundings = await needs,
            Peers = await peers,
            VirtualAddress = holder is null ? null : vip?.Describe(await holder),
            AgentFault = (await agent)[0] is { Active: { } unit, IsActive: false } ? $"unit {unit}" : null,
            LookedAt = Math.Round(MachineClock.UptimeSeconds(root), 1),
        };
    }

    private static NodeState? Load(NodeRoot root)
    {
        try
        {
            return NodeState.Load(root);
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException or IOException
            or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<PeerNameStatus>> PeersAsync(
        NodeRoot root, NodeState state, PeerDirectory directory, IReadOnlyList<PeerNameStatus> known,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (!state.Identity.Roles.Contains(EtcdAgent.Role, StringComparer.Ordinal))
        {
            return known;
        }

        try
        {
            PeerView view = await directory.Of(EtcdAgent.Role).AskAsync(cancellationToken);
            PeerNameStatus seen = await EtcdNode.Survey(root, state, () => view, _ => { }, _patience, time, _patience)
                .LookAsync(cancellationToken);
            return [seen with { Peers = [.. seen.Peers.Select(WithSince)] }];
        }
        catch (IOException)
        {
            return known; // its certificates are not there yet
        }

        PeerStatusLine WithSince(PeerStatusLine line) =>
            known.SelectMany(name => name.Peers)
                .FirstOrDefault(before => before.Address == line.Address && before.State == line.State) is { } before
                ? line with { Since = before.Since }
                : line;
    }
}
