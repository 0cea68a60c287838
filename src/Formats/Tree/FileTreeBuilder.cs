namespace Images.Formats.Tree;

/// <summary>
/// Collects nodes in any order and makes a <see cref="FileTree"/> of them. Paths added later replace earlier ones.
/// </summary>
public sealed class FileTreeBuilder
{
    private readonly Dictionary<TreePath, TreeNode> _nodes = [];

    /// <summary>
    /// Mode of the directories that nobody named (0755, root, <paramref name="modifiedUnixSeconds"/>).
    /// </summary>
    public FileTreeBuilder(long modifiedUnixSeconds) => ModifiedUnixSeconds = modifiedUnixSeconds;

    public long ModifiedUnixSeconds { get; }

    public IReadOnlyDictionary<TreePath, TreeNode> Nodes => _nodes;

    public static FileTreeBuilder From(FileTree tree, long modifiedUnixSeconds)
    {
        FileTreeBuilder builder = new(modifiedUnixSeconds);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            builder._nodes[path] = node;
        }

        return builder;
    }

    public void Set(TreePath path, TreeNode node) => _nodes[path] = node;

    public void AddFile(string path, FileContent content, int mode = 0b110_100_100, int uid = 0, int gid = 0) =>
        Set(
            TreePath.Parse(path), new FileNode
            {
                Mode = mode,
                Uid = uid,
                Gid = gid,
                ModifiedUnixSeconds = ModifiedUnixSeconds,
                Content = content,
            });

    public void AddText(string path, string text, int mode = 0b110_100_100, int uid = 0, int gid = 0) =>
        AddFile(path, MemoryContent.FromText(text), mode, uid, gid);

    public void AddDirectory(string path, int mode = 0b111_101_101, int uid = 0, int gid = 0) =>
        Set(
            TreePath.Parse(path),
            new DirectoryNode { Mode = mode, Uid = uid, Gid = gid, ModifiedUnixSeconds = ModifiedUnixSeconds });

    public void AddSymlink(string path, string target) =>
        Set(
            TreePath.Parse(path),
            new SymlinkNode { Mode = 0b111_111_111, ModifiedUnixSeconds = ModifiedUnixSeconds, Target = target });

    /// <summary>The bytes of the regular file or hard link at this path; null where there is none.</summary>
    public byte[]? ReadFile(TreePath path)
    {
        TreeNode? node = _nodes.GetValueOrDefault(path);
        node = node is HardLinkNode link ? _nodes.GetValueOrDefault(link.Target) : node;
        if (node is not FileNode file)
        {
            return null;
        }

        using Stream stream = file.Content.OpenRead();
        byte[] bytes = new byte[file.Content.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>
    /// Removes the path and everything below it. Hard links whose target goes are promoted by <see cref="Build"/>'s
    /// caller beforehand.
    /// </summary>
    public void Remove(TreePath path)
    {
        foreach (TreePath victim in _nodes.Keys.Where(p => p == path || p.IsBelow(path)).ToArray())
        {
            _nodes.Remove(victim);
        }
    }

    /// <exception cref="InvalidOperationException">
    /// A path lies below something that is no directory, or a hard link has no regular file as its target.
    /// </exception>
    public FileTree Build()
    {
        Dictionary<TreePath, TreeNode> nodes = new(_nodes);
        nodes.TryAdd(TreePath.Root, ImpliedDirectory());
        foreach ((TreePath path, TreeNode node) in _nodes)
        {
            AddParents(nodes, path);
            if (node is HardLinkNode link
                && (!_nodes.TryGetValue(link.Target, out TreeNode? target) || target is not FileNode))
            {
                throw new InvalidOperationException(
                    $"The hard link {path} points to {link.Target}, which is no regular file of the tree.");
            }
        }

        return new FileTree(nodes.OrderBy(pair => pair.Key));
    }

    /// <summary>Goes up to the first directory that is known: its own parents are added on its own turn.</summary>
    private void AddParents(Dictionary<TreePath, TreeNode> nodes, TreePath path)
    {
        while (!path.IsRoot)
        {
            TreePath parent = path.Parent;
            if (nodes.TryGetValue(parent, out TreeNode? above))
            {
                if (above is not DirectoryNode)
                {
                    throw new InvalidOperationException($"{path} lies below {parent}, which is no directory.");
                }

                return;
            }

            nodes.Add(parent, ImpliedDirectory());
            path = parent;
        }
    }

    private DirectoryNode ImpliedDirectory() =>
        new() { Mode = 0b111_101_101, ModifiedUnixSeconds = ModifiedUnixSeconds };
}
