using Images.Baker.Tree;

namespace Images.Baker.Filesystems.SquashFs;

/// <summary>An image as read. Its contents come from the stream, which must stay open as long as they are wanted.</summary>
internal sealed record SquashFsImage(SquashFsSuperblock Superblock, FileTree Tree)
{
    /// <summary>Reads every file to its end.</summary>
    /// <exception cref="MalformedDataException">The first block that does not hold what it should.</exception>
    public void VerifyContents()
    {
        foreach (TreeNode node in Tree.Nodes.Values)
        {
            if (node is FileNode file)
            {
                using Stream stream = file.Content.OpenRead();
                stream.CopyTo(Stream.Null);
            }
        }
    }
}
