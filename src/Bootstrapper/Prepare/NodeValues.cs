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
        NodeState state, RoleService service, IReadOnlyDictionary<string, PeerSet> peers)
    {
        NodeSettings node = state.Metadata.Node;
        ILookup<bool, string> asked = service.Values.ToLookup(ServiceValues.IsList);
        return new TemplateValues
        {
            Values = new Dictionary<string, string>(
                Common(state).Concat(
                    asked[false].Select(name => KeyValuePair.Create(name, Asked(name, state, peers)))),
                StringComparer.Ordinal),
            Lists = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(
                peers.Select(pair => KeyValuePair.Create(pair.Key, Entries(pair.Value.Addresses))).Concat(
                    asked[true].Select(
                        name => KeyValuePair.Create(name, AskedList(name, service, state, peers)))),
                StringComparer.Ordinal),
        };
    }

    private static string Asked(string name, NodeState state, IReadOnlyDictionary<string, PeerSet> peers) =>
        LoadBalancingValues.Asked(name, state, peers) ?? KubernetesValues.Asked(name, state.Metadata.Node);

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> AskedList(
        string name, RoleService service, NodeState state, IReadOnlyDictionary<string, PeerSet> peers) =>
        LoadBalancingValues.AskedList(name, service, state, peers)
            ?? KubernetesValues.AskedList(name, state.Metadata.Node);

    /// <summary>Of a service that asks for <see cref="ServiceValues.OfEtcd"/>.</summary>
    /// <param name="quota">How large the database may become, in bytes.</param>
    public static TemplateValues ForEtcd(
        NodeState state, EtcdStartPlan plan, RoleService service, long quota = EtcdQuota.MostBytes)
    {
        TemplateValues others = For(
            state, service with { Values = [.. service.Values.Except(ServiceValues.OfEtcd, StringComparer.Ordinal)] },
            service.RolesOfPeers().ToDictionary(
                role => role, _ => PeerSet.Parse(plan.Members), StringComparer.Ordinal));
        Dictionary<string, string> ofPlan = new(StringComparer.Ordinal)
        {
            [ServiceValues.EtcdName] = plan.Name,
            [ServiceValues.EtcdInitialCluster] = plan.InitialCluster,
            [ServiceValues.EtcdInitialClusterState] = plan.InitialClusterState,
            [ServiceValues.EtcdInitialClusterToken] = plan.InitialClusterToken,
            [ServiceValues.EtcdQuota] = quota.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        return others with
        {
            Values = new Dictionary<string, string>(
                others.Values.Concat(ofPlan.Where(pair => service.Values.Contains(pair.Key, StringComparer.Ordinal))),
                StringComparer.Ordinal),
        };
    }

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
        bool hasEtcd = identity.Roles.Contains(EtcdAgent.Role, StringComparer.Ordinal);
        return new Dictionary<string, string>(KubernetesValues.Settings(state), StringComparer.Ordinal)
        {
            [TemplateNames.NodeHostname] = identity.Hostname,
            [TemplateNames.NodeFqdn] = $"{identity.Hostname}.{identity.Cluster}.{identity.Domain}",
            [TemplateNames.NodeAddress] = identity.Address,
            [TemplateNames.NodeCluster] = identity.Cluster,
            [TemplateNames.NodeDomain] = identity.Domain,
            [TemplateNames.EtcdEndpoint] =
                $"https://127.0.0.1:{(hasEtcd ? EtcdPaths.ClientPort : LbPorts.EtcdForwarder)}",
            [TemplateNames.EtcdHost] = RoleNames.Of(state).HostOf(EtcdAgent.Role),
            [TemplateNames.NodeInterface] = state.Interface,
        };
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Entries(IReadOnlyList<string> addresses) =>
        [.. addresses.Select(address =>
            new Dictionary<string, string>(StringComparer.Ordinal) { [TemplateNames.PeerAddress] = address })];
}
