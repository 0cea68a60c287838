using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>A file that the InRelease names.</summary>
internal sealed record LockedIndex
{
    /// <summary>Relative to the suite's folder: main/binary-amd64/Packages.xz.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }
}
