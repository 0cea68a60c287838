namespace Images.NodeConfig.Roles;

/// <summary>
/// What templates of a service may use only where its role asks for it under <c>values</c>: secrets, and what is known
/// once etcd's start is decided.
/// </summary>
public static class ServiceValues
{
    public const string EtcdName = "etcd.name";
    public const string EtcdInitialCluster = "etcd.initial-cluster";
    public const string EtcdInitialClusterState = "etcd.initial-cluster-state";
    public const string EtcdInitialClusterToken = "etcd.initial-cluster-token";

    /// <summary>How large etcd's database may become, in bytes.</summary>
    public const string EtcdQuota = "etcd.quota";

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

    /// <summary>What a Node is registered with: a list in JSON, which is YAML.</summary>
    public const string NodeTaints = "kubernetes.taints";

    /// <summary>The same with commas between, as a flag takes it.</summary>
    public const string NodeTaintList = "kubernetes.taint-list";

    /// <summary>What the machine's roles take beside pods.</summary>
    public const string ReservedCpu = "kubernetes.reserved-cpu";

    public const string ReservedMemory = "kubernetes.reserved-memory";

    /// <summary>
    /// A list, newest first; an entry has <see cref="EncryptionKeyName"/> and <see cref="EncryptionKeySecret"/>.
    /// </summary>
    public const string EncryptionKeys = "encryption-keys";

    public const string EncryptionKeyName = "name";
    public const string EncryptionKeySecret = "secret";

    /// <summary>What the virtual address is of: <c>masters</c> or <c>lb</c>.</summary>
    public const string VipName = "vip.name";

    public const string VipAddress = "vip.address";

    /// <summary>A number from 1 to 254.</summary>
    public const string VipRouterId = "vip.router-id";

    /// <summary>A number from 1 to 254: who has more holds the address where two would.</summary>
    public const string VipPriority = "vip.priority";

    /// <summary>Seconds, in hundredths at most: <c>1</c> or <c>0.5</c>.</summary>
    public const string VipInterval = "vip.interval";

    /// <summary>A list of the other machines that may hold the virtual address; never empty.</summary>
    public const string VipPeers = "vip-peers";

    /// <summary>
    /// A list of at most one: the file of further addresses that move with the virtual one. An entry has
    /// <see cref="VipFile"/>.
    /// </summary>
    public const string VipFiles = "vip-files";

    public const string VipFile = "path";

    /// <summary>A list of at most one: the virtual address where the API is found.</summary>
    public const string ApiVip = "api-vip";

    /// <summary>
    /// A list of places for masters, always as many; an entry has <see cref="SlotName"/>, <see cref="SlotEndpoint"/>
    /// and <see cref="SlotOptions"/>.
    /// </summary>
    public const string MasterSlots = "master-slots";

    /// <summary>The same for members of etcd.</summary>
    public const string EtcdSlots = "etcd-slots";

    public const string SlotName = "name";

    /// <summary>Address and port.</summary>
    public const string SlotEndpoint = "endpoint";

    /// <summary>What stands behind it on its line, each word after a blank.</summary>
    public const string SlotOptions = "options";

    /// <summary>
    /// A list of what an lb forwards to workers; an entry has <see cref="PortListen"/>, <see cref="PortTarget"/> and
    /// <see cref="SlotOptions"/>.
    /// </summary>
    public const string LbPorts = "lb-ports";

    /// <summary>A list of the addresses that Services of type LoadBalancer get.</summary>
    public const string LbPool = "lb-pool";

    public const string PortListen = "listen";
    public const string PortTarget = "target";

    /// <summary>A service that asks for one of them starts as etcd does: once the members agree.</summary>
    public static IReadOnlyList<string> OfEtcd { get; } =
        [EtcdName, EtcdInitialCluster, EtcdInitialClusterState, EtcdInitialClusterToken, EtcdQuota];

    /// <summary>Of machines that may hold a virtual address.</summary>
    public static IReadOnlyList<string> OfVip { get; } = [VipName, VipAddress, VipRouterId, VipPriority, VipInterval];

    /// <summary>Every name, in the order of messages.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. OfEtcd, ServiceAccountKey, ServiceAccountPublicKeys, SigningCertificate, SigningKey, SigningDuration,
        TrustedCertificates, NodeTaints, NodeTaintList, ReservedCpu, ReservedMemory, EncryptionKeys,
        .. OfVip, VipPeers, VipFiles, ApiVip, MasterSlots, EtcdSlots, LbPorts, LbPool,
    ];

    /// <summary>Whether it is a list, which <c>{{each …}}</c> goes through.</summary>
    public static bool IsList(string name) =>
        name is EncryptionKeys or VipPeers or VipFiles or ApiVip or MasterSlots or EtcdSlots or LbPorts or LbPool;
}
