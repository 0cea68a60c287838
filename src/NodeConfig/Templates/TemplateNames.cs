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

    public const string EtcdUnit = "etcd.service";
    public const string EtcdName = "etcd.name";
    public const string EtcdInitialCluster = "etcd.initial-cluster";
    public const string EtcdInitialClusterState = "etcd.initial-cluster-state";
    public const string EtcdInitialClusterToken = "etcd.initial-cluster-token";

    /// <summary>How large etcd's database may become, in bytes.</summary>
    public const string EtcdQuota = "etcd.quota";

    /// <summary>Where etcd's clients find it: by DNS, or on this machine if it is a member.</summary>
    public const string EtcdEndpoint = "etcd.endpoint";

    public const string NodeName = "kubernetes.node-name";
    public const string NodeLabels = "kubernetes.node-labels";
    public const string PodCidr = "kubernetes.pod-cidr";
    public const string NodeCidrMaskSize = "kubernetes.node-cidr-mask-size";
    public const string ServiceCidr = "kubernetes.service-cidr";
    public const string ClusterDns = "kubernetes.cluster-dns";
    public const string ClusterDomain = "kubernetes.cluster-domain";
    public const string ApiEndpoint = "kubernetes.endpoint";

    /// <summary>What a Node is registered with: a list in JSON, which is YAML.</summary>
    public const string NodeTaints = "kubernetes.taints";

    /// <summary>The same with commas between, as a flag takes it.</summary>
    public const string NodeTaintList = "kubernetes.taint-list";

    /// <summary>What the machine's roles take beside pods.</summary>
    public const string ReservedCpu = "kubernetes.reserved-cpu";

    public const string ReservedMemory = "kubernetes.reserved-memory";

    /// <summary>The folder where containerd looks for the pods' network plugins.</summary>
    public const string NetworkPlugins = "kubernetes.network-plugins";

    public const string ApiServerUnit = "kube-apiserver.service";
    public const string ControllerManagerUnit = "kube-controller-manager.service";
    public const string KubeletUnit = "kubelet.service";

    /// <summary>PEM, private: the newest key, which signs.</summary>
    public const string ServiceAccountKey = "kubernetes.service-account-key";

    /// <summary>PEM, public: all keys, newest first.</summary>
    public const string ServiceAccountPublicKeys = "kubernetes.service-account-public-keys";

    /// <summary>PEM: the certificate of the authority that signs.</summary>
    public const string SigningCertificate = "kubernetes.signing-certificate";

    /// <summary>
    /// How long the certificates are valid that the cluster signs: a whole number of seconds with the unit <c>s</c>.
    /// </summary>
    public const string SigningDuration = "kubernetes.signing-duration";

    public const string SigningKey = "kubernetes.signing-key";

    /// <summary>PEM: the certificates of all authorities, newest first.</summary>
    public const string TrustedCertificates = "kubernetes.trusted-certificates";

    /// <summary>
    /// A list, newest first; an entry has <see cref="EncryptionKeyName"/> and <see cref="EncryptionKeySecret"/>.
    /// </summary>
    public const string EncryptionKeys = "encryption-keys";

    public const string EncryptionKeyName = "name";
    public const string EncryptionKeySecret = "secret";

    /// <summary>Of a file that is written once it is known: this node's share of the pods' network.</summary>
    public const string NodePodCidr = "node.pod-cidr";

    /// <summary>Of such a file: the largest packet between pods; 0 leaves it to the kernel.</summary>
    public const string NodePodMtu = "node.pod-mtu";

    /// <summary>Of an entry of a list of peers: <c>{{peer.address}}</c>.</summary>
    public const string PeerAddress = "address";

    private static readonly string[] _ofEveryService =
    [
        NodeHostname, NodeFqdn, NodeAddress, NodeCluster, NodeDomain, EtcdEndpoint,
        NodeName, NodeLabels, PodCidr, NodeCidrMaskSize, ServiceCidr, ClusterDns, ClusterDomain, ApiEndpoint,
        NetworkPlugins,
    ];

    private static readonly Dictionary<string, string[]> _ofUnit = new(StringComparer.Ordinal)
    {
        [EtcdUnit] = [EtcdName, EtcdInitialCluster, EtcdInitialClusterState, EtcdInitialClusterToken, EtcdQuota],
        [ApiServerUnit] = [ServiceAccountKey, ServiceAccountPublicKeys],
        [ControllerManagerUnit] = [ServiceAccountKey, SigningCertificate, SigningKey, SigningDuration],
        [KubeletUnit] = [TrustedCertificates, NodeTaints, NodeTaintList, ReservedCpu, ReservedMemory],
    };

    private static readonly Dictionary<string, string> _listOfUnit =
        new(StringComparer.Ordinal) { [ApiServerUnit] = EncryptionKeys };

    /// <summary>Every value that the service's templates may use.</summary>
    public static IReadOnlyList<string> Values(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return [.. _ofEveryService, .. _ofUnit.GetValueOrDefault(service.Unit, [])];
    }

    /// <summary>Every value that one file of the service may use.</summary>
    public static IReadOnlyList<string> Values(RoleService service, ServiceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.When == ServiceFile.WhenPodCidr ? [.. Values(service), NodePodCidr, NodePodMtu] : Values(service);
    }

    /// <summary>
    /// Every list that the service's templates may go through: the kinds of peers it waits for, and what its unit has.
    /// </summary>
    public static IReadOnlyList<string> Lists(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return
        [
            .. service.Waits.Select(wait => wait.Peers).Distinct(StringComparer.Ordinal),
            .. _listOfUnit.TryGetValue(service.Unit, out string? list) ? [list] : Array.Empty<string>(),
        ];
    }

    /// <summary>Every list that one file of the service may go through: only <c>prepare</c> waits for peers.</summary>
    public static IReadOnlyList<string> Lists(RoleService service, ServiceFile file)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(file);
        return file.When == ServiceFile.WhenPodCidr ? Lists(service with { Waits = [] }) : Lists(service);
    }

    /// <summary>What an entry of a list holds.</summary>
    public static IReadOnlyList<string> Entry(string list) =>
        list == EncryptionKeys ? [EncryptionKeyName, EncryptionKeySecret] : [PeerAddress];

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
