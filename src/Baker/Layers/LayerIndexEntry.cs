using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// One path of a layer. A regular file has no node here but its attributes, its digest and its places.
/// </summary>
internal sealed record LayerIndexEntry
{
    public required TreePath Path { get; init; }

    /// <summary>For a regular file a stand-in that carries mode, owner and time.</summary>
    public required TreeNode Attributes { get; init; }

    public StoredFile? Stored { get; init; }

    public Digest? Digest { get; init; }
}
