using System.Collections.Immutable;

namespace Images.Baker.Locking;

/// <summary>All that a build from Debian's source package needs.</summary>
internal sealed record LockedSourceBuild
{
    /// <summary>The release that the source package holds, as 1.20.2.</summary>
    public required string Version { get; init; }

    public required LockedSourcePackage Source { get; init; }

    /// <summary>The Go toolchain and the sources of a library, sorted by name.</summary>
    public required ImmutableArray<LockedPackage> Packages { get; init; }

    /// <summary>What they were resolved from, sorted by archive and suite.</summary>
    public required ImmutableArray<LockedRelease> Releases { get; init; }
}
