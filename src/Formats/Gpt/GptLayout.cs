namespace Images.Formats.Gpt;

/// <summary>Which partitions a disk has and where: one behind the other, each on a whole mebibyte.</summary>
internal sealed record GptLayout
{
    public const int LogicalBlockSize = 512;

    public const long Mebibyte = 1L << 20;

    public const long Alignment = Mebibyte;

    /// <summary>In the order in which they stand on the disk.</summary>
    public required IReadOnlyList<GptPartition> Partitions { get; init; }

    /// <summary>Of the whole disk, both GPT copies included.</summary>
    public required long SizeBytes { get; init; }

    public GptPartition this[string name] =>
        Partitions.FirstOrDefault(partition => partition.Name == name)
        ?? throw new ArgumentException($"The layout has no partition {name}.", nameof(name));

    /// <param name="partitions">In the order in which they are to stand; their offsets are ignored.</param>
    /// <exception cref="ContentException">A size is not a positive multiple of 1 MiB.</exception>
    public static GptLayout Of(params IEnumerable<GptPartition> partitions)
    {
        List<GptPartition> placed = [];
        long offset = Alignment; // the primary GPT lies in the first MiB
        foreach (GptPartition partition in partitions)
        {
            if (partition.SizeBytes <= 0 || partition.SizeBytes % Alignment != 0)
            {
                throw new ContentException(
                    "BAKE0531",
                    partition.SizeSetting,
                    $"{partition.SizeBytes} bytes is no size for the partition {partition.Name}.",
                    "Give a positive multiple of 1 MiB.");
            }

            placed.Add(partition with { OffsetBytes = offset });
            offset += partition.SizeBytes;
        }

        // one more MiB holds the backup GPT
        return new GptLayout { Partitions = placed, SizeBytes = offset + Alignment };
    }
}
