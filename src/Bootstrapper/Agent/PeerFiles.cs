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

    /// <summary>Whether a machine has such services.</summary>
    public static bool AreOf(NodeState state) =>
        ServiceFiles.Services(state).Any(item => item.Service.OnPeers.Count > 0);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Task> following = ServiceFiles.Services(state)
            .SelectMany(item => item.Service.OnPeers.Select(
                on => FollowAsync(item.Role, item.Service, on, cancellationToken)));
        await await Task.WhenAny(following);
    }

    private async Task FollowAsync(
        RoleDefinition role, RoleService service, ServicePeers on, CancellationToken cancellationToken)
    {
        await foreach (PeerView view in directory.Of(on.Peers).FollowAsync(cancellationToken))
        {
            if (!service.Files.Any(file => file.When is null && !File.Exists(root[file.Path]))
                && _files.Write(role, service, NodeValues.For(state, service, Lists(service))) is { Count: > 0 } paths)
            {
                await TellAsync(service.Unit, on.Do, view, paths, cancellationToken);
            }
        }
    }

    private Dictionary<string, PeerSet> Lists(RoleService service) => service.RolesOfPeers()
        .ToDictionary(role => role, role => directory.Of(role).View.Good, StringComparer.Ordinal);

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
