using Images.Formats;

namespace Images.Baker.Inspect;

/// <summary>A package of the image, as its manifest names it.</summary>
internal sealed record InspectedPackage
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Suite { get; init; }

    /// <summary>Size of the .deb.</summary>
    public required long ArchiveBytes { get; init; }

    public required Digest Digest { get; init; }
}
