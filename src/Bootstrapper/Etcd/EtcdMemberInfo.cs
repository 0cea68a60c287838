namespace Images.Bootstrapper.Etcd;

/// <summary>A member as etcd lists it.</summary>
internal sealed record EtcdMemberInfo
{
    public required ulong Id { get; init; }

    /// <summary>Empty until the member has started once.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<string> PeerUrls { get; init; }

    public required bool IsLearner { get; init; }

    /// <summary>The host of its first peer URL.</summary>
    public string Address => PeerUrls.Count > 0 && Uri.TryCreate(PeerUrls[0], UriKind.Absolute, out Uri? url) ? url.Host.Trim('[', ']') : "";

    public override string ToString() => $"{(Name.Length > 0 ? Name : "unstarted member")} ({Id:x}) at {Address}";
}
