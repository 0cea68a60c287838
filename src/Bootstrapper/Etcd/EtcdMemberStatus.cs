namespace Images.Bootstrapper.Etcd;

/// <summary>How one member is, as it says itself.</summary>
internal sealed record EtcdMemberStatus
{
    public required ulong MemberId { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>0 while there is no leader.</summary>
    public required ulong LeaderId { get; init; }

    public required bool IsLearner { get; init; }
}
