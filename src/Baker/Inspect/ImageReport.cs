using Images.Formats.Gpt;
using Images.Formats.Verity;

namespace Images.Baker.Inspect;

/// <summary>What <c>baker inspect</c> prints of a disk.</summary>
internal sealed record ImageReport
{
    public required string FilePath { get; init; }

    public required long DiskBytes { get; init; }

    public required Guid DiskGuid { get; init; }

    public required IReadOnlyList<GptPartition> Partitions { get; init; }

    public required InspectedManifest Manifest { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The slot that holds the root: root-a or root-b.</summary>
    public required string RootSlot { get; init; }

    public required long RootFileSystemBytes { get; init; }

    /// <summary>Files, folders, links: everything with a name.</summary>
    public required int RootNames { get; init; }

    public required VerityInfo Verity { get; init; }

    /// <summary>Path on the ESP.</summary>
    public required string KernelImage { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>Path and bytes of each file on the ESP.</summary>
    public required IReadOnlyList<(string Path, long Bytes)> EspFiles { get; init; }

    public required long EspFreeBytes { get; init; }
}
