using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// What is removed of the open requests that machines have made: whoever holds a token could fill etcd with them, which
/// Kubernetes keeps for a day. From 1.30 on admission refuses the large ones before they are stored
/// (roles/master/templates/bounds.yaml).
/// </summary>
internal static class CsrSurplus
{
    /// <summary>In a round; another follows.</summary>
    public const int MostOfRound = 2000;

    private static readonly string _lbTokens = BootstrapToken.GroupOf(BootstrapToken.LbGroup);

    /// <summary>Those that hold what no kubelet's does, and those beyond a user's share.</summary>
    /// <param name="requests">All, whatever they ask for and whoever asks.</param>
    /// <param name="claimed">Names of requests for which a machine stands: of a user's they stay longest.</param>
    /// <param name="tokenGroup">The group of the workers' bootstrap tokens.</param>
    public static IReadOnlyList<KubernetesObject> Of(
        IEnumerable<KubernetesObject> requests, IReadOnlySet<string> claimed, string tokenGroup)
    {
        KubernetesObject[] open =
        [
            .. requests.Where(item => CsrRequest.IsUndecided(item) && IsByMachine(item, tokenGroup)),
        ];
        return
        [
            .. open.Where(CsrRequest.HoldsBallast)
                .Concat(open
                    .Where(item => !CsrRequest.HoldsBallast(item))
                    .GroupBy(item => item.Text("spec", "username"), StringComparer.Ordinal)
                    .SelectMany(ofUser => CsrChoice.Ranked(ofUser, claimed).Skip(CsrChoice.MostOfOneUser)))
                .Take(MostOfRound),
        ];
    }

    private static bool IsByMachine(KubernetesObject item, string tokenGroup)
    {
        IReadOnlyList<string> groups = item.Texts("spec", "groups");
        return groups.Any(group =>
            group == tokenGroup || group == _lbTokens || group is CsrRule.NodesGroup or LbIdentity.Group);
    }
}
