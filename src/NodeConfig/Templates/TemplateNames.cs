using Images.NodeConfig.Roles;

namespace Images.NodeConfig.Templates;

/// <summary>
/// The names that templates of a service may use: the bootstrapper fills exactly these in, and a bake refuses templates
/// that use others.
/// </summary>
public static class TemplateNames
{
    public const string NodeHostname = "node.hostname";
    public const string NodeFqdn = "node.fqdn";
    public const string NodeAddress = "node.address";
    public const string NodeCluster = "node.cluster";
    public const string NodeDomain = "node.domain";

    /// <summary>The network interface that carries <see cref="NodeAddress"/>.</summary>
    public const string NodeInterface = "node.interface";

    /// <summary>Where a master finds etcd: on this machine, at its forwarder or its own member.</summary>
    public const string EtcdEndpoint = "etcd.endpoint";

    /// <summary>The name that all members of etcd share, and their certificates.</summary>
    public const string EtcdHost = "etcd.host";

    public const string NodeName = "kubernetes.node-name";
    public const string NodeLabels = "kubernetes.node-labels";
    public const string PodCidr = "kubernetes.pod-cidr";
    public const string NodeCidrMaskSize = "kubernetes.node-cidr-mask-size";
    public const string ServiceCidr = "kubernetes.service-cidr";
    public const string ClusterDns = "kubernetes.cluster-dns";
    public const string ClusterDomain = "kubernetes.cluster-domain";
    public const string ApiEndpoint = "kubernetes.endpoint";

    /// <summary>The name that all masters share, and the certificates of their API servers.</summary>
    public const string ApiHost = "kubernetes.api-host";

    /// <summary>The folder where containerd looks for the pods' network plugins.</summary>
    public const string NetworkPlugins = "kubernetes.network-plugins";

    /// <summary>Of a file that is written once it is known: this node's share of the pods' network.</summary>
    public const string NodePodCidr = "node.pod-cidr";

    /// <summary>Of such a file: the largest packet between pods; 0 leaves it to the kernel.</summary>
    public const string NodePodMtu = "node.pod-mtu";

    /// <summary>Of an entry of a list of peers: <c>{{peer.address}}</c>.</summary>
    public const string PeerAddress = "address";

    private static readonly string[] _ofEveryService =
    [
        NodeHostname, NodeFqdn, NodeAddress, NodeInterface, NodeCluster, NodeDomain, EtcdEndpoint, EtcdHost,
        NodeName, NodeLabels, PodCidr, NodeCidrMaskSize, ServiceCidr, ClusterDns, ClusterDomain, ApiEndpoint, ApiHost,
        NetworkPlugins,
    ];

    /// <summary>Every value that the service's templates may use.</summary>
    public static IReadOnlyList<string> Values(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return [.. _ofEveryService, .. service.Values.Where(name => !ServiceValues.IsList(name))];
    }

    /// <summary>Every value that one file of the service may use.</summary>
    public static IReadOnlyList<string> Values(RoleService service, ServiceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.When == ServiceFile.WhenPodCidr ? [.. Values(service), NodePodCidr, NodePodMtu] : Values(service);
    }

    /// <summary>
    /// Every list that the service's templates may go through: the kinds of peers it waits for or follows, and those it
    /// asks for.
    /// </summary>
    public static IReadOnlyList<string> Lists(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return
        [
            .. service.RolesOfPeers(),
            .. service.Values.Where(ServiceValues.IsList),
        ];
    }

    /// <summary>Every list that one file of the service may go through: only <c>prepare</c> waits for peers.</summary>
    public static IReadOnlyList<string> Lists(RoleService service, ServiceFile file)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(file);
        return file.When == ServiceFile.WhenPodCidr ? Lists(service with { Waits = [], OnPeers = [] }) : Lists(service);
    }

    /// <summary>What an entry of a list holds.</summary>
    public static IReadOnlyList<string> Entry(string list) => list switch
    {
        ServiceValues.EncryptionKeys => [ServiceValues.EncryptionKeyName, ServiceValues.EncryptionKeySecret],
        ServiceValues.MasterSlots or ServiceValues.EtcdSlots =>
            [ServiceValues.SlotName, ServiceValues.SlotEndpoint, ServiceValues.SlotOptions],
        ServiceValues.LbPorts => [ServiceValues.PortListen, ServiceValues.PortTarget, ServiceValues.SlotOptions],
        ServiceValues.VipFiles => [ServiceValues.VipFile],
        _ => [PeerAddress],
    };

    /// <summary>Reads a template to its end as the service would on a node, in every list one entry.</summary>
    /// <exception cref="ConfigurationException">
    /// The template uses a name that there is not, or is malformed; line and column are in the message.
    /// </exception>
    public static void Check(string template, string sourceName, RoleService service) =>
        Check(template, sourceName, Values(service), Lists(service));

    /// <summary>As above, for the template of one file.</summary>
    public static void Check(string template, string sourceName, RoleService service, ServiceFile file) =>
        Check(template, sourceName, Values(service, file), Lists(service, file));

    private static void Check(
        string template, string sourceName, IReadOnlyList<string> values, IReadOnlyList<string> lists) =>
        _ = Template.Render(template, sourceName, new TemplateValues
        {
            Values = values.ToDictionary(name => name, _ => "", StringComparer.Ordinal),
            Lists = lists.ToDictionary(
                name => name,
                IReadOnlyList<IReadOnlyDictionary<string, string>> (name) =>
                    [Entry(name).ToDictionary(key => key, _ => "", StringComparer.Ordinal)],
                StringComparer.Ordinal),
        });
}
