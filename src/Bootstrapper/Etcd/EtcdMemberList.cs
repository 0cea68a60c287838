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

    /// <summary>Grows by one with each change of a key.</summary>
    public long Revision { get; init; }

    /// <summary>Of its database file.</summary>
    public long DatabaseBytes { get; init; }

    /// <summary>The rest of the file is pages that are free again.</summary>
    public long DatabaseBytesInUse { get; init; }
}

/// <summary>
/// What a member has raised because it must not go on as it is; it stands until somebody takes it back.
/// </summary>
/// <param name="MemberId">Whose.</param>
/// <param name="Kind">One of the constants, or another that a later etcd knows.</param>
internal sealed record EtcdAlarm(ulong MemberId, string Kind)
{
    /// <summary>The database has reached its quota: no member takes a write.</summary>
    public const string NoSpace = "NOSPACE";

    /// <summary>A member's data differ from the others'.</summary>
    public const string Corrupt = "CORRUPT";
}
