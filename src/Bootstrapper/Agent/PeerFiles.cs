using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Writes the files of services anew when peers that may stand in them are others than before, and has each service
/// read them, as <c>onPeers</c> of its role says. What <c>prepare</c> has not written yet is left to it.
/// </summary>
/// <param name="run">Starts a program.</param>
/// <param name="narrator">Told of which services, or why not.</param>
internal sealed class PeerFiles(
    NodeRoot root, NodeState state, PeerDirectory directory,
    Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run, Narrator narrator)
{
    private readonly ServiceFiles _files = new(root);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RecentPeers> _recent = new(StringComparer.Ordinal);

    /// <summary>Whether a machine has such services.</summary>
    public static bool AreOf(NodeState state) =>
        ServiceFiles.Services(state).Any(item => item.Service.OnPeers.Any(IsOurs));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Task> following =
            from item in ServiceFiles.Services(state)
            from peers in item.Service.OnPeers.Where(IsOurs)
            from task in new[]
            {
                FollowAsync(item.Role, item.Service, peers, cancellationToken),
                ForgetAsync(item.Role, item.Service, peers, cancellationToken),
            }
            select task;
        await await Task.WhenAny(following);
    }

    private async Task FollowAsync(
        RoleDefinition role, RoleService service, ServicePeers on, CancellationToken cancellationToken)
    {
        await foreach (PeerView view in directory.Of(on.Peers).FollowAsync(cancellationToken))
        {
            await WriteAsync(role, service, on.Do, view, cancellationToken);
        }
    }

    /// <summary>Nothing tells of the moment when one that left DNS has been kept for long enough.</summary>
    private async Task ForgetAsync(
        RoleDefinition role, RoleService service, ServicePeers on, CancellationToken cancellationToken)
    {
        while (true)
        {
            await directory.KeptAsync(cancellationToken);
            if (directory.Of(on.Peers).View is { Good.Count: > 0 } view)
            {
                await WriteAsync(role, service, on.Do, view, cancellationToken);
            }
        }
    }

    private async Task WriteAsync(
        RoleDefinition role, RoleService service, string what, PeerView view, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> paths;
        lock (_gate)
        {
            paths = service.Files.Any(file => file.When is null && !File.Exists(root[file.Path]))
                ? []
                : _files.Write(role, service, NodeValues.For(state, service, Lists(service)));
        }

        if (paths.Count > 0)
        {
            await TellAsync(service.Unit, what, view, paths, cancellationToken);
        }
    }

    /// <summary>To be called within the gate.</summary>
    private Dictionary<string, PeerSet> Lists(RoleService service) =>
        service.RolesOfPeers().ToDictionary(role => role, Recent, StringComparer.Ordinal);

    private PeerSet Recent(string role)
    {
        if (!_recent.TryGetValue(role, out RecentPeers? recent))
        {
            _recent[role] = recent = directory.Recent();
        }

        return recent.With(directory.Of(role).View.Good);
    }

    /// <summary>Places of a running haproxy have a duty of their own.</summary>
    private static bool IsOurs(ServicePeers on) => on.Do != ServicePeers.Fill;

    private async Task TellAsync(
        string unit, string what, PeerView view, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        // what does not run stays so
        string command = what == ServicePeers.Restart ? "try-restart" : "try-reload-or-restart";
        CommandResult told = await run("systemctl", [command, "--no-block", unit], cancellationToken);
        string change = $"{unit}: {view.Name} names {view.Good}; {string.Join(", ", paths)} written anew";
        narrator.Say(told.Succeeded
            ? change
            : $"{change}, and systemd does not {what} it ({told.Reason}); run 'systemctl {what} {unit}'");
    }
}
