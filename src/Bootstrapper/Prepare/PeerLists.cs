using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Waits until DNS names the peers that a service needs: the seed's loop around its metadata, with reasons.
/// </summary>
internal sealed class PeerLists(NodeState state, NodeRoot root, PeerDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The addresses by the name of the peers' role; of those that are waited for all, where their number is known,
    /// else at least one. Others may be none.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, PeerSet>> WaitAsync(
        RoleService service, WaitReport report, CancellationToken cancellationToken)
    {
        Dictionary<string, PeerSet> lists = new(StringComparer.Ordinal);
        foreach (ServiceWait wait in service.Waits)
        {
            lists[wait.Peers] = await WaitAsync(wait, report, cancellationToken);
        }

        foreach (string role in service.RolesOfPeers().Except(lists.Keys, StringComparer.Ordinal).ToArray())
        {
            lists[role] = (await directory.Of(role).AskAsync(cancellationToken)).Good;
        }

        return lists;
    }

    private async Task<PeerSet> WaitAsync(ServiceWait wait, WaitReport report, CancellationToken cancellationToken)
    {
        int wanted = wait.All && wait.Peers == EtcdAgent.Role ? state.Metadata.Node.Etcd?.Size ?? 1 : 1;
        PeerWatch watch = directory.Of(wait.Peers);
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
