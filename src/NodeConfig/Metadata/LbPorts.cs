namespace Images.NodeConfig.Metadata;

/// <summary>
/// Ports of load balancing: of the role lb, and of the forwarders that other machines have for themselves.
/// </summary>
public static class LbPorts
{
    /// <summary>On loopback: haproxy's statistics, for people and for Prometheus.</summary>
    public const int Statistics = 8404;

    /// <summary>On loopback: the masters' API, on every machine that runs a kubelet.</summary>
    public const int ApiForwarder = 6444;

    /// <summary>On loopback: the members of etcd, on every master.</summary>
    public const int EtcdForwarder = 2389;

    /// <summary>Where a machine says whether it holds a virtual address.</summary>
    public const int Holder = 10246;

    /// <summary>Where a machine says with which key it asks for its first certificate.</summary>
    public const int Word = 10245;
}
