using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// A tree as SquashFS sees it: checked, directories with their names, inodes numbered, owners collected.
/// </summary>
internal sealed class SquashFsInventory
{
    private const int IdLimit = ushort.MaxValue;

    private readonly Dictionary<TreePath, uint> _inodeNumbers = [];
    private readonly Dictionary<TreePath, uint> _linkCounts = [];
    private readonly Dictionary<int, ushort> _idIndexes = [];

    private SquashFsInventory(IReadOnlyList<SquashFsDirectory> directories, IReadOnlyList<int> ids)
    {
        Directories = directories;
        Ids = ids;
        for (int i = 0; i < ids.Count; i++)
        {
            _idIndexes.Add(ids[i], (ushort)i);
        }

        foreach (SquashFsChild child in directories.SelectMany(directory => directory.Children))
        {
            _linkCounts[child.InodePath] = _linkCounts.GetValueOrDefault(child.InodePath) + 1;
            _inodeNumbers.TryAdd(child.InodePath, (uint)_inodeNumbers.Count + 1);
        }

        _inodeNumbers.Add(TreePath.Root, (uint)_inodeNumbers.Count + 1);
    }

    /// <summary>
    /// Each after all that lie below it; the root last. Inodes are numbered and written in this order.
    /// </summary>
    public IReadOnlyList<SquashFsDirectory> Directories { get; }

    /// <summary>User and group ids, ascending.</summary>
    public IReadOnlyList<int> Ids { get; }

    public int InodeCount => _inodeNumbers.Count;

    /// <exception cref="ContentException">The format or Linux cannot hold something of the tree.</exception>
    public static SquashFsInventory Take(FileTree tree)
    {
        Dictionary<TreePath, SquashFsDirectory> byPath = [];
        List<SquashFsDirectory> directories = [];
        SortedSet<int> ids = [];
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            (TreePath inodePath, TreeNode inodeNode) =
                node is HardLinkNode link ? (link.Target, tree.Nodes[link.Target]) : (path, node);
            SquashFsLimits.Check(path, inodeNode);
            ids.Add(inodeNode.Uid);
            ids.Add(inodeNode.Gid);
            if (!path.IsRoot)
            {
                byPath[path.Parent].Add(new SquashFsChild(NameOf(path), inodePath, inodeNode));
            }

            if (node is DirectoryNode)
            {
                SquashFsDirectory directory = new(path);
                byPath.Add(path, directory);
                directories.Add(directory);
            }
        }

        if (ids.Count > IdLimit)
        {
            throw new ContentException(
                "BAKE0501",
                "/",
                $"The tree has {ids.Count} user and group ids; SquashFS holds {IdLimit}.",
                "Use fewer.");
        }

        foreach (SquashFsDirectory directory in directories)
        {
            directory.SortByBytes();
        }

        // a folder stands before its content, so backwards each comes after all below it
        directories.Reverse();
        return new SquashFsInventory(directories, [.. ids]);
    }

    public uint InodeNumberOf(TreePath inodePath) => _inodeNumbers[inodePath];

    /// <summary>Names that the file has.</summary>
    public uint LinkCountOf(TreePath inodePath) => _linkCounts[inodePath];

    public ushort IdIndexOf(int id) => _idIndexes[id];

    private static byte[] NameOf(TreePath path)
    {
        byte[] name = SquashFsNames.Encode(path.Name)
            ?? throw new ContentException(
                "BAKE0502", path.ToString(), "The name is not valid Unicode.", "Rename or drop it.");
        return name.Length <= SquashFsConstants.NameLimit
            ? name
            : throw new ContentException(
                "BAKE0503",
                path.ToString(),
                $"The name has {name.Length} bytes; Linux allows {SquashFsConstants.NameLimit}.",
                "Rename or drop it.");
    }
}
