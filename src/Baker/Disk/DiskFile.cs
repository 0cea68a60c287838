namespace Images.Baker.Disk;

/// <summary>Which faults of the host's file system end a bake with "the output could not be written", and how that is said.</summary>
internal static class DiskFile
{
    public static bool IsOutputFault(Exception fault) =>
        fault is IOException or UnauthorizedAccessException;

    public static BakeException OutputFault(string path, Exception fault) => new(
        "BAKE0532",
        path,
        $"the output cannot be written: {fault.Message}",
        "Free space there or name another output folder that you may write to.",
        BakeFault.Output,
        fault);
}
