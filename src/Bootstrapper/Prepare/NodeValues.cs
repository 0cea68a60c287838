using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>The values that templates may use on this machine: all that <see cref="TemplateNames"/> promises, and no others.</summary>
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
            [TemplateNames.EtcdName] = plan.Name,
            [TemplateNames.EtcdInitialCluster] = plan.InitialCluster,
            [TemplateNames.EtcdInitialClusterState] = plan.InitialClusterState,
            [TemplateNames.EtcdInitialClusterToken] = plan.InitialClusterToken,
        },
        Lists = TemplateNames.Lists(service).ToDictionary(name => name, _ => Entries(plan.Members), StringComparer.Ordinal),
    };

    private static Dictionary<string, string> Common(NodeIdentity identity) => new(StringComparer.Ordinal)
    {
        [TemplateNames.NodeHostname] = identity.Hostname,
        [TemplateNames.NodeFqdn] = $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
        [TemplateNames.NodeAddress] = identity.Address,
        [TemplateNames.NodeCluster] = identity.Cluster,
        [TemplateNames.NodeDomain] = identity.Domain,
    };

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Entries(IReadOnlyList<string> addresses) =>
        [.. addresses.Select(address => new Dictionary<string, string>(StringComparer.Ordinal) { [TemplateNames.PeerAddress] = address })];
}
