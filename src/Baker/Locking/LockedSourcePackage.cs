using System.Collections.Immutable;

namespace Images.Baker.Locking;

/// <summary>A Debian source package in format 3.0 (quilt).</summary>
internal sealed record LockedSourcePackage
{
    public required string Name { get; init; }

    /// <summary>Debian's full version.</summary>
    public required string Version { get; init; }

    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>The .dsc, the original archive and Debian's changes, sorted by path.</summary>
    public required ImmutableArray<LockedSourceFile> Files { get; init; }

    /// <summary>The name of the one file that ends so.</summary>
    public string FileName(string suffix) => Files.Select(file => file.FileName()).Single(name => name.EndsWith(suffix, StringComparison.Ordinal));
}
