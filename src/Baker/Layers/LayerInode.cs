using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// A regular file while its layer is made. It has names, as an inode does: one that loses its first name
/// lives on under the others.
/// </summary>
internal sealed class LayerInode(int entry, TreePath firstName, TreeNode attributes)
{
    /// <summary>The number of the artefact's entry that brought it.</summary>
    public int Entry => entry;

    public TreePath FirstName => firstName;

    /// <summary>A stand-in that carries mode, owner and time.</summary>
    public TreeNode Attributes => attributes;

    /// <summary>Null as long as every name so far is pruned.</summary>
    public PackedFile? Packed { get; set; }

    public Digest? Digest { get; set; }
}
