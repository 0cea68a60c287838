// One closed family, read together: what etcd says of its members.
#pragma warning disable MA0048
namespace Images.Bootstrapper.Etcd;

/// <summary>A cluster's members as one of them knows them.</summary>
internal sealed record EtcdMemberList
{
    public required ulong ClusterId { get; init; }

    public required IReadOnlyList<EtcdMemberInfo> Members { get; init; }

    /// <summary>The member that was just added; 0 in a plain list.</summary>
    public ulong AddedId { get; init; }
}

/// <summary>A member as etcd lists it.</summary>
internal sealed record EtcdMemberInfo
{
    public required ulong Id { get; init; }

    /// <summary>Empty until the member has started once.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<string> PeerUrls { get; init; }

    public required bool IsLearner { get; init; }

    /// <summary>The host of its first peer URL.</summary>
    public string Address =>
        PeerUrls.Count > 0 && Uri.TryCreate(PeerUrls[0], UriKind.Absolute, out Uri? url) ? url.Host.Trim('[', ']') : "";

    public override string ToString() => $"{(Name.Length > 0 ? Name : "unstarted member")} ({Id:x}) at {Address}";
}

/// <summary>How one member is, as it says itself.</summary>
internal sealed record EtcdMemberStatus
{
    public required ulong MemberId { get; init; }

    public required ulong ClusterId { get; init; }

    /// <summary>0 while there is no leader.</summary>
    public required ulong LeaderId { get; init; }

    public required bool IsLearner { get; init; }
}
