namespace Images.NodeConfig.Roles;

/// <summary>What <c>when:</c> in a role file may ask of a machine, and whether it is so on this one.</summary>
public sealed record RoleConditions
{
    /// <summary>The metadata leaves the cluster's names to the machines.</summary>
    public const string ClusterDns = "cluster-dns";

    /// <summary>The node is a container in a user namespace, as its launcher says.</summary>
    public const string UserNamespace = "user-namespace";

    /// <summary>The node is a container whose control groups are version 1's, as its launcher says.</summary>
    public const string CgroupV1 = "cgroup-v1";

    /// <summary>The kubelet asks no instance metadata for credentials of Amazon's registry.</summary>
    public const string NoEcrCredentials = "no-ecr-credentials";

    /// <summary>The machine has one processor, or processors that a program plays.</summary>
    public const string SlowMachine = "slow-machine";

    /// <summary>An add-on makes the pods' network: the metadata says <c>network: cni</c>.</summary>
    public const string CniAddOn = "cni-add-on";

    /// <summary>kube-proxy makes Services' addresses: the metadata leaves that to no add-on.</summary>
    public const string KubeProxy = "kube-proxy";

    /// <summary>The machine is not the whole cluster: another master may serve in place of one that is gone.</summary>
    public const string ApiForwarder = "api-forwarder";

    /// <summary>The machine has no member of etcd of its own.</summary>
    public const string EtcdForwarder = "etcd-forwarder";

    /// <summary>The metadata gives the masters a virtual address.</summary>
    public const string MastersVip = "masters-vip";

    /// <summary>The metadata gives the lbs a virtual address.</summary>
    public const string LbVip = "lb-vip";

    /// <summary>The metadata gives the lbs addresses for Services of type LoadBalancer.</summary>
    public const string LbPool = "lb-pool";

    /// <summary>Every word, in the order of messages.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        ClusterDns, UserNamespace, CgroupV1, NoEcrCredentials, SlowMachine, CniAddOn, KubeProxy, ApiForwarder,
        EtcdForwarder, MastersVip, LbVip, LbPool,
    ];

    public bool HasClusterDns { get; init; }

    public bool IsInUserNamespace { get; init; }

    public bool HasCgroupV1 { get; init; }

    public bool AsksForEcrCredentials { get; init; }

    public bool IsSlow { get; init; }

    public bool HasCniAddOn { get; init; }

    public bool HasKubeProxy { get; init; }

    public bool HasApiForwarder { get; init; }

    public bool HasEtcdForwarder { get; init; }

    public bool HasMastersVip { get; init; }

    public bool HasLbVip { get; init; }

    public bool HasLbPool { get; init; }

    /// <summary>Whether a word holds here; null for what is no condition of the machine.</summary>
    public bool? Holds(string? word) => word switch
    {
        ClusterDns => HasClusterDns,
        UserNamespace => IsInUserNamespace,
        CgroupV1 => HasCgroupV1,
        NoEcrCredentials => !AsksForEcrCredentials,
        SlowMachine => IsSlow,
        CniAddOn => HasCniAddOn,
        KubeProxy => HasKubeProxy,
        ApiForwarder => HasApiForwarder,
        EtcdForwarder => HasEtcdForwarder,
        MastersVip => HasMastersVip,
        LbVip => HasLbVip,
        LbPool => HasLbPool,
        _ => null,
    };
}
