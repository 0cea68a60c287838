using Images.Baker.Filesystems.SquashFs;
using Images.Baker.Tree;

namespace Images.Baker.Layers;

/// <summary>A kept path while its layer is made.</summary>
internal sealed record LayerDraft(TreeNode Attributes)
{
    public PackedFile? Packed { get; init; }

    public Digest? Digest { get; init; }

    /// <summary>A directory that the rules drop: it stays only for what is kept below it.</summary>
    public bool IsDropped { get; init; }

    public bool IsFile => Packed is not null;

    public LayerIndexEntry ToIndexEntry(TreePath path) =>
        new() { Path = path, Attributes = Attributes, Stored = Packed?.ToStored(), Digest = Digest };
}
