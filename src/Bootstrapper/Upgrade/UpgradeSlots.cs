namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// Where a machine's two images stand: two places for roots, and the file system that the boot loader reads. On a
/// machine these are partitions; whoever starts nodes as containers gives files of the same names.
/// </summary>
internal sealed record UpgradeSlots
{
    /// <summary>The folder that the EFI system partition is mounted on.</summary>
    public required string EspFolder { get; init; }

    /// <summary>The slot that runs: a or b.</summary>
    public required char Running { get; init; }

    public char Other => Running == 'a' ? 'b' : 'a';

    /// <summary>
    /// The device, or the file, that holds the running root; null where neither does: a container may have begun with
    /// a root that is a folder.
    /// </summary>
    public string? RunningRoot { get; init; }

    /// <summary>The device, or the file, that holds the root of the other slot.</summary>
    public required string OtherRoot { get; init; }

    /// <summary>How much the other slot holds.</summary>
    public required long OtherBytes { get; init; }

    /// <summary>Bytes that the loader's file system has free.</summary>
    public required long EspFreeBytes { get; init; }
}
