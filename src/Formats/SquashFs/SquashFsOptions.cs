namespace Images.Formats.SquashFs;

internal sealed record SquashFsOptions
{
    /// <summary>The superblock's time; the nodes carry their own.</summary>
    public required long TimeUnixSeconds { get; init; }

    /// <summary>Threads that compress. The bytes do not depend on it.</summary>
    public int WorkerCount { get; init; } = WorkLimits.Compressors;
}
