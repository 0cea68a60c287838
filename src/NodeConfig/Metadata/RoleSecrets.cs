namespace Images.NodeConfig.Metadata;

/// <summary>What a role's metadata holds of the cluster's secrets. A worker's or lb's holds no signing key.</summary>
public sealed record RoleSecrets
{
    public const string EtcdRole = "etcd";
    public const string LbRole = "lb";
    public const string MasterRole = "master";
    public const string WorkerRole = "worker";

    /// <summary>Every role that the product knows, by name.</summary>
    public static IReadOnlyList<RoleSecrets> All { get; } =
    [
        new() { Role = EtcdRole, Signs = [ClusterSecrets.EtcdPeer, ClusterSecrets.EtcdClient] },
        new() { Role = LbRole, Trusts = [ClusterSecrets.Kubernetes], JoinsByToken = true, IsRequired = false },
        new()
        {
            Role = MasterRole,
            Signs = [ClusterSecrets.Kubernetes, ClusterSecrets.FrontProxy, ClusterSecrets.EtcdClient],
            RunsControlPlane = true,
            IsOfKubernetes = true,
        },
        new() { Role = WorkerRole, Trusts = [ClusterSecrets.Kubernetes], JoinsByToken = true, IsOfKubernetes = true },
    ];

    public required string Role { get; init; }

    /// <summary>Authorities whose key it holds.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>Authorities of which it holds the certificate only.</summary>
    public IReadOnlyList<string> Trusts { get; init; } = [];

    /// <summary>
    /// Whether it holds the keys of ServiceAccounts, those of stored secrets, and the tokens that workers may show.
    /// </summary>
    public bool RunsControlPlane { get; init; }

    /// <summary>Whether it holds a token to show to the masters.</summary>
    public bool JoinsByToken { get; init; }

    /// <summary>Whether its programs are Kubernetes'.</summary>
    public bool IsOfKubernetes { get; init; }

    /// <summary>
    /// Whether a machine can do nothing without them, and is part of one that is a whole cluster. An lb that lacks them
    /// says so when its services are prepared.
    /// </summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>Null for a role that a user added.</summary>
    public static RoleSecrets? Find(string role) => All.FirstOrDefault(candidate => candidate.Role == role);
}
