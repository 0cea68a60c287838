using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Waits until DNS names the peers that a service needs: the seed's loop around its metadata, with reasons.
/// </summary>
internal sealed class PeerLists(NodeState state, NodeRoot root, TimeProvider time)
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The addresses by the name of the peers' role; all of them where their number is known, else at least one.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, PeerSet>> WaitAsync(
        IReadOnlyList<ServiceWait> waits, WaitReport report, CancellationToken cancellationToken)
    {
        Dictionary<string, PeerSet> lists = new(StringComparer.Ordinal);
        foreach (ServiceWait wait in waits)
        {
            lists[wait.Peers] = await WaitAsync(wait, report, cancellationToken);
        }

        return lists;
    }

    /// <summary>Those of a role as far as DNS names them now.</summary>
    public async Task<PeerSet> AskOnceAsync(string role, CancellationToken cancellationToken) =>
        (await Watch(role, state, root, time).AskAsync(cancellationToken)).Good;

    /// <summary>Asks for those of a role.</summary>
    public static PeerWatch Watch(string peers, NodeState state, NodeRoot root, TimeProvider time)
    {
        RoleDefinition? role = state.ImageRoles.Find(peers);
        string name = PeerNames.For(role?.Dns ?? peers, state.Identity.Cluster, state.Identity.Domain);
        return new PeerWatch(name, PeerResolver.For(state, root), time);
    }

    private async Task<PeerSet> WaitAsync(ServiceWait wait, WaitReport report, CancellationToken cancellationToken)
    {
        int wanted = wait.All && wait.Peers == "etcd" ? state.Metadata.Node.Etcd?.Size ?? 1 : 1;
        PeerWatch watch = Watch(wait.Peers, state, root, time);
        GrowingPause pause = new(_longestPause, time);
        while (true)
        {
            PeerView view = await watch.AskAsync(cancellationToken);
            if (view.Good.Count >= wanted)
            {
                return view.Good;
            }

            report.Waiting(
                $"{wanted} of {wait.Peers} in DNS",
                view.Failure is null
                    ? $"{view.Name} names {view.Good}"
                    : view.DescribeFailure(NameServers.Describe(root[NameServers.ResolvedList])));
            await pause.WaitAsync(cancellationToken);
        }
    }
}
