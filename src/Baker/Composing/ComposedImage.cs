using Images.Formats.Tree;

namespace Images.Baker.Composing;

/// <summary>The finished root tree, and the descriptions of it that also lie beside the image.</summary>
public sealed record ComposedImage
{
    public required FileTree Tree { get; init; }

    /// <summary>manifest.json; the same bytes are in the tree.</summary>
    public required ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>SPDX 2.3 JSON.</summary>
    public required ReadOnlyMemory<byte> Sbom { get; init; }
}
