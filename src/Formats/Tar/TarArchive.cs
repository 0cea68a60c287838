using Images.Formats.Tree;

namespace Images.Formats.Tar;

/// <summary>
/// A tree as a tar archive in POSIX's ustar format, in path order, without names of users. The bytes are made while
/// they are read; contents are not held in memory.
/// </summary>
internal static class TarArchive
{
    /// <summary>Two blocks of zeros end an archive.</summary>
    private static readonly MemoryContent _end = new(new byte[2 * TarHeader.Size]);

    /// <exception cref="ContentException">A node that ustar cannot hold.</exception>
    public static FileContent Of(FileTree tree) => new JoinedContent(
        [.. tree.Nodes.Where(
            entry => !entry.Key.IsRoot).SelectMany(entry => Parts(entry.Key, entry.Value, tree)), _end]);

    private static IEnumerable<FileContent> Parts(TreePath path, TreeNode node, FileTree tree)
    {
        yield return new MemoryContent(
            TarHeaderWriter.Write(path, node, node is HardLinkNode link ? tree.Nodes[link.Target] : node));
        if (node is FileNode { Content.Length: > 0 } file)
        {
            yield return file.Content;
            yield return new MemoryContent(new byte[-file.Content.Length & (TarHeader.Size - 1)]);
        }
    }
}
