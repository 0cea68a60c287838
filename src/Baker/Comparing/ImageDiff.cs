// The records of one comparison, read together.
#pragma warning disable MA0048
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Comparing;

/// <summary>What changes for a machine that goes from one image to another.</summary>
internal sealed record ImageDiff
{
    public required string OldVersion { get; init; }

    public required string NewVersion { get; init; }

    /// <summary>Whether both have the same root hash.</summary>
    public required bool IsSame { get; init; }

    public required string OldKernel { get; init; }

    public required string NewKernel { get; init; }

    public required SkewVerdict Kubernetes { get; init; }

    public required SkewVerdict Etcd { get; init; }

    /// <summary>What the older Kubernetes serves and the newer does not.</summary>
    public required IReadOnlyList<RemovedApi> RemovedApis { get; init; }

    /// <summary>Bytes of the newer root with its hash tree.</summary>
    public required long RootBytes { get; init; }

    /// <summary>Bytes of a slot as the older image laid it out.</summary>
    public required long SlotBytes { get; init; }

    public required IReadOnlyList<PackageChange> Packages { get; init; }

    /// <summary>systemd's units and their drop-ins.</summary>
    public required IReadOnlyList<FileChange> Units { get; init; }

    /// <summary>What the roles write and how they are described.</summary>
    public required IReadOnlyList<FileChange> RoleFiles { get; init; }

    /// <summary>Flags of programs in roles' files that came or went, with the file.</summary>
    public required IReadOnlyList<FlagChange> Flags { get; init; }

    /// <summary>Files of neither kind that are not the same.</summary>
    public required int OtherFiles { get; init; }

    public bool Fits => RootBytes <= SlotBytes;

    /// <summary>Whether machines of the older image may take the newer one.</summary>
    public bool IsAllowed => Kubernetes.IsAllowed && Etcd.IsAllowed && Fits;
}

/// <summary>A package in two versions; null where it is not there.</summary>
internal sealed record PackageChange(string Name, string? Old, string? New);

/// <summary>A file that is new, gone or another.</summary>
/// <param name="Path">From the root, without a slash at its beginning.</param>
/// <param name="Change">One of <c>+</c>, <c>-</c>, <c>~</c>.</param>
internal sealed record FileChange(string Path, char Change);

/// <summary>A flag with its value as the file has it.</summary>
internal sealed record FlagChange(string File, char Change, string Flag);
