using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// The values that templates may use on this machine: all that <see cref="TemplateNames"/> promises, and no others.
/// </summary>
internal static class NodeValues
{
    public static TemplateValues For(
        NodeState state, RoleService service, IReadOnlyDictionary<string, PeerSet> peers) => new()
        {
            Values = new Dictionary<string, string>(
                Common(state).Concat(KubernetesValues.Secrets(state.Metadata.Node, service.Unit)),
                StringComparer.Ordinal),
            Lists = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(
                peers.Select(pair => KeyValuePair.Create(pair.Key, Entries(pair.Value.Addresses)))
                    .Concat(KubernetesValues.Lists(state.Metadata.Node, service.Unit)),
                StringComparer.Ordinal),
        };

    /// <param name="quota">How large the database may become, in bytes.</param>
    public static TemplateValues ForEtcd(
        NodeState state, EtcdStartPlan plan, RoleService service, long quota = EtcdQuota.MostBytes) => new()
    {
        Values = new Dictionary<string, string>(Common(state), StringComparer.Ordinal)
        {
            [TemplateNames.EtcdName] = plan.Name,
            [TemplateNames.EtcdInitialCluster] = plan.InitialCluster,
            [TemplateNames.EtcdInitialClusterState] = plan.InitialClusterState,
            [TemplateNames.EtcdInitialClusterToken] = plan.InitialClusterToken,
            [TemplateNames.EtcdQuota] = quota.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        Lists = TemplateNames.Lists(service)
            .ToDictionary(name => name, _ => Entries(plan.Members), StringComparer.Ordinal),
    };

    /// <summary>With what files need that are written once the node's share of the pods' network is known.</summary>
    /// <param name="values">The service's values.</param>
    /// <param name="podCidr">The share.</param>
    /// <param name="mtu">The largest packet between pods in bytes; 0 leaves it to the kernel.</param>
    public static TemplateValues WithPodNetwork(TemplateValues values, string podCidr, int mtu) => values with
    {
        Values = new Dictionary<string, string>(values.Values, StringComparer.Ordinal)
        {
            [TemplateNames.NodePodCidr] = podCidr,
            [TemplateNames.NodePodMtu] = mtu.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    private static Dictionary<string, string> Common(NodeState state)
    {
        NodeIdentity identity = state.Identity;
        bool hasEtcd = identity.Roles.Contains(RoleSecrets.EtcdRole, StringComparer.Ordinal);
        return new Dictionary<string, string>(KubernetesValues.Settings(state), StringComparer.Ordinal)
        {
            [TemplateNames.NodeHostname] = identity.Hostname,
            [TemplateNames.NodeFqdn] = $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
            [TemplateNames.NodeAddress] = identity.Address,
            [TemplateNames.NodeCluster] = identity.Cluster,
            [TemplateNames.NodeDomain] = identity.Domain,
            [TemplateNames.EtcdEndpoint] = hasEtcd
                ? EtcdPaths.ClientUrl("127.0.0.1")
                : EtcdPaths.ClientUrl(PeerNames.For("etcd", identity.Cluster, identity.Domain).TrimEnd('.')),
        };
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Entries(IReadOnlyList<string> addresses) =>
        [.. addresses.Select(address =>
            new Dictionary<string, string>(StringComparer.Ordinal) { [TemplateNames.PeerAddress] = address })];
}
