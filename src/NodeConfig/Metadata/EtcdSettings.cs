// One closed family, read together: the key node.etcd.
#pragma warning disable MA0048
namespace Images.NodeConfig.Metadata;

/// <summary>What an etcd member must be told: how many members form the cluster at its birth.</summary>
public sealed record EtcdSettings(int Size)
{
    public EtcdSnapshotSettings Snapshots { get; init; } = new();
}

/// <summary>How often a member keeps a snapshot of the database, and which of them stay.</summary>
public sealed record EtcdSnapshotSettings
{
    public static readonly TimeSpan ShortestEvery = TimeSpan.FromMinutes(10);

    public TimeSpan Every { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How many stay; 0: none is taken.</summary>
    public int Keep { get; init; } = 8;

    /// <summary>Of all that stay, though the newest always does; null: a tenth of the disk.</summary>
    public long? MaxBytes { get; init; }
}
