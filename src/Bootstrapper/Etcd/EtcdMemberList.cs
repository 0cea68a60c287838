namespace Images.Bootstrapper.Etcd;

/// <summary>A cluster's members as one of them knows them.</summary>
internal sealed record EtcdMemberList
{
    public required ulong ClusterId { get; init; }

    public required IReadOnlyList<EtcdMemberInfo> Members { get; init; }

    /// <summary>The member that was just added; 0 in a plain list.</summary>
    public ulong AddedId { get; init; }
}
