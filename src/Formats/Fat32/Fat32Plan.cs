using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>
/// Which clusters each folder and file of a tree gets: one run each, in tree order, folders before their content.
/// </summary>
internal sealed class Fat32Plan
{
    /// <summary>A directory may not be longer (fatgen103): 65,536 entries.</summary>
    private const int MaximumDirectoryBytes = 65536 * Fat32DirectoryEntry.Size;

    private Fat32Plan(
        IReadOnlyDictionary<TreePath, Fat32Run> runs,
        IReadOnlyDictionary<TreePath, IReadOnlyList<Fat32Name>> folders,
        uint usedClusters)
    {
        Runs = runs;
        Folders = folders;
        UsedClusters = usedClusters;
    }

    /// <summary>Empty files have the empty run.</summary>
    public IReadOnlyDictionary<TreePath, Fat32Run> Runs { get; }

    /// <summary>The names in each folder, in ordinal order.</summary>
    public IReadOnlyDictionary<TreePath, IReadOnlyList<Fat32Name>> Folders { get; }

    public uint UsedClusters { get; }

    /// <exception cref="ContentException">FAT32 cannot hold the tree, or the volume is too small.</exception>
    public static Fat32Plan Make(FileTree tree, Fat32Geometry geometry)
    {
        Dictionary<TreePath, IReadOnlyList<Fat32Name>> folders = ListFolders(tree);
        Dictionary<TreePath, Fat32Run> runs = [];
        long next = Fat32Geometry.FirstCluster;
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            long bytes = node is FileNode file ? file.Content.Length : DirectoryBytes(path, folders[path]);
            long clusters = (bytes + geometry.ClusterSize - 1) / geometry.ClusterSize;
            if (next + clusters > geometry.Clusters + (long)Fat32Geometry.FirstCluster)
            {
                throw Fat32Names.Refuse(
                    path,
                    "does not fit any more: the files are bigger than the volume",
                    "Set sizes.esp in image.yaml to a bigger size.");
            }

            runs[path] = clusters == 0 ? default : new Fat32Run((uint)next, (uint)clusters);
            next += clusters;
        }

        return new Fat32Plan(runs, folders, (uint)(next - Fat32Geometry.FirstCluster));
    }

    private static Dictionary<TreePath, IReadOnlyList<Fat32Name>> ListFolders(FileTree tree)
    {
        Dictionary<TreePath, List<TreePath>> children = [];
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            Fat32Names.Check(path, node);
            if (node is DirectoryNode)
            {
                children[path] = [];
            }

            if (!path.IsRoot)
            {
                children[path.Parent].Add(path);
            }
        }

        return children.ToDictionary(pair => pair.Key, pair => Fat32Names.Give(pair.Value));
    }

    private static long DirectoryBytes(TreePath path, IReadOnlyList<Fat32Name> names)
    {
        int own = path.IsRoot ? 1 : 2; // the volume's label, or "." and ".."
        long bytes = (own + names.Sum(name => (long)name.EntryCount)) * Fat32DirectoryEntry.Size;
        return bytes <= MaximumDirectoryBytes
            ? bytes
            : throw Fat32Names.Refuse(
                path, "has more entries than a FAT folder may have (65,536)", "Put fewer files into one folder.");
    }
}
