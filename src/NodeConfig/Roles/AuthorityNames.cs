namespace Images.NodeConfig.Roles;

/// <summary>The authorities that a cluster has.</summary>
public static class AuthorityNames
{
    public const string Kubernetes = "kubernetes";
    public const string FrontProxy = "front-proxy";
    public const string EtcdPeer = "etcd-peer";
    public const string EtcdClient = "etcd-client";

    /// <summary>Every name, in the order of messages.</summary>
    public static IReadOnlyList<string> All { get; } = [Kubernetes, FrontProxy, EtcdPeer, EtcdClient];
}
