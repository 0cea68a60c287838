namespace Images.Baker.Plan;

/// <summary>Sizes of the partitions in bytes, whole mebibytes. There are two roots of this size; state grows on the node.</summary>
internal sealed record SizePlan
{
    public required long Esp { get; init; }

    public required long Root { get; init; }

    public required long State { get; init; }
}
