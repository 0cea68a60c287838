namespace Images.Formats;

/// <summary>
/// How much work is under way at once, so that memory does not grow with the number of processors. An item that is
/// unpacked holds its decompressor's window (8 MiB for xz -6, which Debian uses; 64 MiB at the most) and, for each
/// thread that compresses its blocks, two blocks before and after compression: 8 × 8 MiB + 8 × 2 × 16 × 257 KiB = 129
/// MiB, on whatever machine.
/// </summary>
internal static class WorkLimits
{
    private const int MostItems = 8;
    private const int MostCompressors = 16;

    /// <summary>Packages unpacked, or modules read, at once.</summary>
    public static int Items { get; } = ItemsOn(Environment.ProcessorCount);

    /// <summary>Threads that compress one item's blocks, or the root's.</summary>
    public static int Compressors { get; } = CompressorsOn(Environment.ProcessorCount);

    public static int ItemsOn(int processors) => Math.Clamp(processors, 1, MostItems);

    public static int CompressorsOn(int processors) => Math.Clamp(processors, 1, MostCompressors);
}
