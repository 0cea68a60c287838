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

    /// <summary>A service that asks for one of them starts as etcd does: once the members agree.</summary>
    public static IReadOnlyList<string> OfEtcd { get; } =
        [EtcdName, EtcdInitialCluster, EtcdInitialClusterState, EtcdInitialClusterToken];

    /// <summary>Every name, in the order of messages.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. OfEtcd, ServiceAccountKey, ServiceAccountPublicKeys, SigningCertificate, SigningKey, SigningDuration,
        TrustedCertificates, EncryptionKeys,
    ];

    /// <summary>Whether it is a list, which <c>{{each …}}</c> goes through.</summary>
    public static bool IsList(string name) => name == EncryptionKeys;
}
