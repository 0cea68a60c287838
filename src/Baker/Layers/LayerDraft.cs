using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>A kept path while its layer is made.</summary>
internal sealed record LayerDraft(TreeNode Attributes)
{
    /// <summary>Which file it names; null for what is no regular file.</summary>
    public LayerInode? Inode { get; init; }

    /// <summary>A directory that the rules drop: it stays only for what is kept below it.</summary>
    public bool IsDropped { get; init; }
    /// <param name="owner">The one of the file's names that stands for the file; the others link to it.</param>
    public LayerIndexEntry ToIndexEntry(TreePath path, TreePath owner) => Inode is null
        ? new LayerIndexEntry { Path = path, Attributes = Attributes }
        : path == owner ? new LayerIndexEntry
        {
            Path = path,
            Attributes = Inode.Attributes,
            Stored = Inode.Packed!.ToStored(),
            Digest = Inode.Digest,
        }
        : new LayerIndexEntry { Path = path, Attributes = (HardLinkNode)Attributes with { Target = owner } };
}
