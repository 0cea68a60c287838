using System.Diagnostics.CodeAnalysis;

namespace Images.Formats.Tree;

/// <summary>
/// The whole content of a file system: every path once, sorted, each with its parents, each hard link with its target.
/// Made by <see cref="FileTreeBuilder"/>, never changed.
/// </summary>
public sealed class FileTree
{
    private readonly OrderedDictionary<TreePath, TreeNode> _nodes;

    /// <param name="sortedNodes">In path order.</param>
    internal FileTree(IEnumerable<KeyValuePair<TreePath, TreeNode>> sortedNodes) =>
        _nodes = new OrderedDictionary<TreePath, TreeNode>(sortedNodes);

    /// <summary>In path order: a directory stands before its content. The root is the first entry.</summary>
    public IReadOnlyDictionary<TreePath, TreeNode> Nodes => _nodes;

    public int Count => _nodes.Count;

    public bool TryGet(TreePath path, [NotNullWhen(true)] out TreeNode? node) => _nodes.TryGetValue(path, out node);

    public TreeNode? Find(string path) => _nodes.GetValueOrDefault(TreePath.Parse(path));

    /// <summary>The bytes of the regular file (or hard link) at this path.</summary>
    /// <exception cref="KeyNotFoundException">There is no such file.</exception>
    public byte[] ReadFile(string path)
    {
        TreeNode? node = Find(path);
        if (node is HardLinkNode link)
        {
            node = _nodes[link.Target];
        }

        FileNode file = node as FileNode ?? throw new KeyNotFoundException($"The tree has no regular file {path}.");
        using Stream stream = file.Content.OpenRead();
        byte[] bytes = new byte[file.Content.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
