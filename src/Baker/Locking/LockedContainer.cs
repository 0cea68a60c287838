using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>A container image that is not made by the bake itself, pinned. Its digest pins all that it leads to.</summary>
internal sealed record LockedContainer
{
    /// <summary>The name in image.yaml.</summary>
    public required string Name { get; init; }

    /// <summary>Of the manifest or index that was pulled, or of the whole archive.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Bytes of what the digest is of.</summary>
    public required long Size { get; init; }
}
