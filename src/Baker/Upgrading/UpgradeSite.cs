using Images.Baker.Clusters;
using Images.Baker.Seeds;
using Images.Baker.Ssh;
using Images.Launcher;

namespace Images.Baker.Upgrading;

/// <summary>A cluster as an upgrade finds it: its machines, and the ways to them and to its API.</summary>
internal sealed record UpgradeSite
{
    private const string SshPort = "22";

    /// <summary>With its domain: demo.k8s.</summary>
    public required string Cluster { get; init; }

    /// <summary>The folder that <c>baker seed --out</c> made.</summary>
    public required string Seeds { get; init; }

    public required IReadOnlyList<IUpgradeMachine> Machines { get; init; }

    /// <summary>Where the API may be asked, by hosts of masters; none where there is no master.</summary>
    public required Func<IEnumerable<string>, CancellationToken, Task<IReadOnlyList<Uri>>> FindApi { get; init; }

    /// <summary>Machines that have seeds: those that the user names, or those of the cluster's names in DNS.</summary>
    /// <exception cref="BakeException">The seeds cannot be read, or there is no machine.</exception>
    public static async Task<UpgradeSite> OfSeedsAsync(
        UpgradeOrder order, UpgradeTarget target, CancellationToken cancellationToken)
    {
        string seeds = order.Seeds!, key = order.SshKey ?? throw new BakeException(
            "BAKE0986", "--ssh-key", "is missing.", "Name the private key whose public line stands in the seeds.");
        string cluster = ClusterFolder.Open(seeds).FullName;
        NodeKeys keys = NodeKeys.Of(seeds, order.KnownHosts, order.Notice);
        IReadOnlyList<MachinePlace> places = await UpgradeMachines.FindAsync(order.Named, cluster, cancellationToken)
            .ConfigureAwait(false);
        return new UpgradeSite
        {
            Cluster = cluster,
            Seeds = seeds,
            Machines =
            [
                .. places.Select(place => new SshMachine(
                    place.Host, token => ConnectAsync(place, key, keys, token), target, order.Again)),
            ],
            FindApi = (masters, token) => UpgradeMachines.FindApiAsync(masters, cluster, token),
        };
    }

    /// <summary>Nodes of <c>baker cluster</c>, by ports of 127.0.0.1 that lead to them.</summary>
    /// <exception cref="BakeException">The cluster does not run.</exception>
    public static async Task<UpgradeSite> OfLauncherAsync(
        ClusterPlace place, UpgradeOrder order, UpgradeTarget target, CancellationToken cancellationToken)
    {
        ClusterPlan plan = place.ReadPlan();
        ControlRequest status = new() { Command = ControlCommands.Status };
        ControlAnswer answer = await ControlClient.AskAsync(place, status, cancellationToken).ConfigureAwait(false);
        int apiPort = answer.Cluster?.ApiPort ?? 0;
        return new UpgradeSite
        {
            Cluster = $"{plan.Name}.{plan.Domain}",
            Seeds = plan.Seeds,
            Machines =
            [
                .. plan.Nodes.Where(node => node.Roles.Count > 0).Select(node => new SshMachine(
                    node.Name, token => ConnectAsync(place, node.Name, order.SshKey ?? place.SshKey, token), target,
                    order.Again)),
            ],
            FindApi = (_, _) => Task.FromResult<IReadOnlyList<Uri>>(
                apiPort == 0 ? [] : [new UriBuilder(Uri.UriSchemeHttps, "127.0.0.1", apiPort).Uri]),
        };
    }

    private static async Task<NodeShell> ConnectAsync(
        MachinePlace place, string key, NodeKeys keys, CancellationToken cancellationToken)
    {
        KnownHosts known = await keys.OfAsync(place.Host, place.Role, cancellationToken).ConfigureAwait(false);
        return await NodeShell.ConnectAsync(place.Host, key, known, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<NodeShell> ConnectAsync(
        ClusterPlace place, string node, string key, CancellationToken cancellationToken)
    {
        try
        {
            NodeView view = await NodeView.FindRunningAsync(place, node, cancellationToken).ConfigureAwait(false);
            ControlRequest relay = new() { Command = ControlCommands.Relay, Node = node, Arguments = [SshPort] };
            ControlAnswer answer = await ControlClient.AskAsync(place, relay, cancellationToken).ConfigureAwait(false);
            string host = $"127.0.0.1:{answer.Text}";
            KnownHosts known = new(SshLogin.ReadHostKeys(view)
                .Select(line => $"{SshPlace.Parse(host).KnownName} {line}"));
            return await NodeShell.ConnectAsync(host, key, known, cancellationToken).ConfigureAwait(false);
        }
        catch (BakeException e)
        {
            throw new BakeException(e.Code, node, e.Problem, e.Remedy, BakeFault.Source, e); // it may be restarting
        }
        catch (LauncherException e)
        {
            throw new BakeException(
                "BAKE0972", node, $"does not say its host keys: {e.Message.TrimEnd('.')}.",
                "Wait until its system has started.", BakeFault.Source, e);
        }
    }
}
