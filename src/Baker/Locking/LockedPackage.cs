using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>One .deb of the image.</summary>
internal sealed record LockedPackage
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>amd64 or all.</summary>
    public required string Architecture { get; init; }

    /// <summary>debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Below the archive's root: pool/main/b/bash/bash_5.2.37-2_amd64.deb.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>Where its files go, sorted.</summary>
    public required ImmutableArray<PackageUse> Uses { get; init; }

    /// <summary>The file's name, for messages.</summary>
    public string FileName() => Path[(Path.LastIndexOf('/') + 1)..];
}
