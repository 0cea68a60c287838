namespace Images.Bootstrapper.Etcd;

/// <summary>A place in an existing cluster, as the cluster gave it.</summary>
internal sealed record EtcdJoin
{
    /// <summary>etcd's own id of the new member.</summary>
    public required ulong MemberId { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>ETCD_INITIAL_CLUSTER: every member with its peer URL, this one included.</summary>
    public required string InitialCluster { get; init; }
}
