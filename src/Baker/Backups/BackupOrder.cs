using Images.Baker.Ssh;

namespace Images.Baker.Backups;

/// <summary>How the nodes of a cluster are reached, and whose key counts.</summary>
internal sealed record BackupOrder
{
    /// <summary>What <c>baker seed</c> was given as <c>--out</c>.</summary>
    public required string SeedFolder { get; init; }

    /// <summary>Members of etcd, in the order in which they are tried.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    public required string SshKey { get; init; }

    public required NodeKeys Keys { get; init; }
}
