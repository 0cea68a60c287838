namespace Images.Formats.Disk;

/// <summary>Which faults of the host's file system mean "the output cannot be written", and how that is said.</summary>
internal static class OutputFaults
{
    public static bool IsOne(Exception fault) => fault is IOException or UnauthorizedAccessException;

    public static ContentException Of(string path, Exception fault) => new(
        "BAKE0532",
        path,
        $"the output cannot be written: {fault.Message}",
        "Free space there or name another output folder that you may write to.",
        fault)
    {
        IsOfTheOutput = true,
    };
}
