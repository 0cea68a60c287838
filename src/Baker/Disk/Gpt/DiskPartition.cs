namespace Images.Baker.Disk.Gpt;

/// <summary>One partition of a <see cref="DiskLayout"/>.</summary>
internal sealed record DiskPartition
{
    public required string Name { get; init; }

    public required Guid TypeGuid { get; init; }

    public required Guid PartitionGuid { get; init; }

    public required long OffsetBytes { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>The key of image.yaml that sets the size; what an error tells the user to change.</summary>
    public required string SizeKey { get; init; }

    public ulong FirstLba => (ulong)(OffsetBytes / DiskLayout.LogicalBlockSize);

    /// <summary>Inclusive.</summary>
    public ulong LastLba => (ulong)((OffsetBytes + SizeBytes) / DiskLayout.LogicalBlockSize) - 1;
}
