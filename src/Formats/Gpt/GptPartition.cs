namespace Images.Formats.Gpt;

/// <summary>One partition of a <see cref="GptLayout"/>, or of a disk that was read.</summary>
internal sealed record GptPartition
{
    public required string Name { get; init; }

    public required Guid TypeGuid { get; init; }

    public required Guid PartitionGuid { get; init; }

    public long OffsetBytes { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>
    /// What an error tells the user to change where the content is too big, such as "sizes.root in image.yaml".
    /// </summary>
    public string SizeSetting { get; init; } = "the partition's size";

    public ulong FirstLba => (ulong)(OffsetBytes / GptLayout.LogicalBlockSize);

    /// <summary>Inclusive.</summary>
    public ulong LastLba => (ulong)((OffsetBytes + SizeBytes) / GptLayout.LogicalBlockSize) - 1;
}
