using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Render;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Prepare;

/// <summary>The values that templates may use on this machine; Render/README.md lists them.</summary>
internal static class NodeValues
{
    public static TemplateValues For(NodeState state, IReadOnlyDictionary<string, PeerSet> peers) => new()
    {
        Values = Common(state.Identity),
        Lists = peers.ToDictionary(pair => pair.Key, pair => Entries(pair.Value.Addresses), StringComparer.Ordinal),
    };

    public static TemplateValues ForEtcd(NodeState state, EtcdStartPlan plan, RoleService service) => new()
    {
        Values = new Dictionary<string, string>(Common(state.Identity), StringComparer.Ordinal)
        {
            ["etcd.name"] = plan.Name,
            ["etcd.initial-cluster"] = plan.InitialCluster,
            ["etcd.initial-cluster-state"] = plan.InitialClusterState,
            ["etcd.initial-cluster-token"] = plan.InitialClusterToken,
        },
        Lists = service.Waits.ToDictionary(wait => wait.Peers, _ => Entries(plan.Members), StringComparer.Ordinal),
    };

    private static Dictionary<string, string> Common(NodeIdentity identity) => new(StringComparer.Ordinal)
    {
        ["node.hostname"] = identity.Hostname,
        ["node.fqdn"] = $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
        ["node.address"] = identity.Address,
        ["node.cluster"] = identity.Cluster,
        ["node.domain"] = identity.Domain,
    };

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Entries(IReadOnlyList<string> addresses) =>
        [.. addresses.Select(address => new Dictionary<string, string>(StringComparer.Ordinal) { ["address"] = address })];
}
