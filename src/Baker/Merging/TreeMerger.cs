using Images.Formats.Tree;

namespace Images.Baker.Merging;

/// <summary>
/// Lays layers over each other. Directories merge; a path that two owners claim must hold the same there, or a rule
/// says who wins. The result does not depend on the order of the layers: owners are taken in the order of their names.
/// </summary>
internal static class TreeMerger
{
    private const int DefaultDirectoryMode = 0b111_101_101;

    /// <param name="layers">Each owner once.</param>
    /// <param name="rules">Who wins a conflict.</param>
    /// <param name="modifiedUnixSeconds">Time of directories that nobody brings.</param>
    /// <exception cref="BakeException">
    /// Two owners claim one path with different content (BAKE0408), or one owner brings a file where another
    /// brings a directory (BAKE0409).
    /// </exception>
    public static MergedTree Merge(IEnumerable<TreeLayer> layers, MergeRules rules, long modifiedUnixSeconds)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(rules);
        FileTreeBuilder tree = new(modifiedUnixSeconds);
        Dictionary<TreePath, string> owners = [];
        TreeLayer[] byName = [.. layers.OrderBy(layer => layer.Owner, StringComparer.Ordinal)];
        HashSet<TreePath> decided = PlaceWinners(tree, owners, byName, rules);
        foreach (TreeLayer layer in byName)
        {
            foreach ((TreePath path, TreeNode node) in Normalise(layer).Where(entry => !decided.Contains(entry.Path)))
            {
                Place(tree, owners, layer.Owner, path, node);
            }
        }

        RefuseContentBelowFiles(tree, owners);
        AddMissingLinks(tree);
        return new MergedTree { Tree = tree, Owners = owners };
    }

    /// <summary>The paths that a rule decides, as long as the winner brings them at all.</summary>
    private static HashSet<TreePath> PlaceWinners(
        FileTreeBuilder tree, Dictionary<TreePath, string> owners, IEnumerable<TreeLayer> layers, MergeRules rules)
    {
        HashSet<TreePath> decided = [];
        foreach (TreeLayer layer in layers)
        {
            foreach ((TreePath path, TreeNode node) in Normalise(layer)
                .Where(entry => rules.WinnerOf(entry.Path) == layer.Owner))
            {
                tree.Set(path, node);
                owners[path] = layer.Owner;
                decided.Add(path);
            }
        }

        return decided;
    }

    /// <summary>Paths below the merged links move into usr/; a directory in a link's place is usr's own.</summary>
    private static IEnumerable<(TreePath Path, TreeNode Node)> Normalise(TreeLayer layer)
    {
        foreach ((TreePath path, TreeNode node) in layer.Entries)
        {
            TreePath resolved = UsrMerge.IsLink(path) && node is DirectoryNode
                ? TreePath.Parse($"usr/{path.Value}")
                : UsrMerge.Resolve(path);
            yield return (
                resolved, node is HardLinkNode link ? link with { Target = UsrMerge.Resolve(link.Target) } : node);
        }
    }

    private static void Place(
        FileTreeBuilder tree, Dictionary<TreePath, string> owners, string owner, TreePath path, TreeNode node)
    {
        if (!tree.Nodes.TryGetValue(path, out TreeNode? present))
        {
            tree.Set(path, node);
            owners[path] = owner;
        }
        else if (present is DirectoryNode first && node is DirectoryNode second)
        {
            tree.Set(
                path,
                MergeDirectories(first, second)
                    ?? throw Conflict(path, owners[path], owner, "as directories of different mode or owner"));
        }
        else if (!HoldTheSame(tree, present, node))
        {
            throw Conflict(path, owners[path], owner, "with different content");
        }
    }

    /// <summary>
    /// A mode other than root's 0755 is a wish, 0755 is what a package gets without thinking: the wish wins, two
    /// different wishes are a conflict (null). The time is the later one.
    /// </summary>
    private static DirectoryNode? MergeDirectories(DirectoryNode first, DirectoryNode second)
    {
        long modified = Math.Max(first.ModifiedUnixSeconds, second.ModifiedUnixSeconds);
        return IsDefault(second) || HaveEqualOwnerAndMode(first, second) ? first with { ModifiedUnixSeconds = modified }
            : IsDefault(first) ? second with { ModifiedUnixSeconds = modified }
            : null;
    }

    private static bool IsDefault(DirectoryNode directory) =>
        directory is { Mode: DefaultDirectoryMode, Uid: 0, Gid: 0 };

    private static bool HaveEqualOwnerAndMode(TreeNode first, TreeNode second) =>
        first.Mode == second.Mode && first.Uid == second.Uid && first.Gid == second.Gid;

    private static bool HoldTheSame(FileTreeBuilder tree, TreeNode first, TreeNode second) => (first, second) switch
    {
        (FileNode a, FileNode b) =>
            HaveEqualOwnerAndMode(a, b) && a.Content.Length == b.Content.Length && a.Content.Digest == b.Content.Digest,
        (SymlinkNode a, SymlinkNode b) => a.Target == b.Target,
        (DeviceNode a, DeviceNode b) =>
            HaveEqualOwnerAndMode(a, b) && a.Kind == b.Kind && a.Major == b.Major && a.Minor == b.Minor,
        (HardLinkNode a, HardLinkNode b) => a.Target == b.Target,
        (HardLinkNode a, _) when tree.Nodes.TryGetValue(a.Target, out TreeNode? target)
            && target is FileNode => HoldTheSame(tree, target, second),
        _ => false,
    };

    private static void RefuseContentBelowFiles(FileTreeBuilder tree, Dictionary<TreePath, string> owners)
    {
        foreach (TreePath path in tree.Nodes.Keys)
        {
            if (!path.IsRoot && tree.Nodes.TryGetValue(path.Parent, out TreeNode? above) && above is not DirectoryNode)
            {
                throw new BakeException(
                    "BAKE0409",
                    path.ToString(),
                    $"the package '{owners[path]}' brings this path, "
                        + $"but '{owners[path.Parent]}' brings {path.Parent}, which is no directory.",
                    "Remove one of the packages, or prune the path from one of them in image.yaml.");
            }
        }
    }

    private static void AddMissingLinks(FileTreeBuilder tree)
    {
        foreach (string name in UsrMerge.Links)
        {
            TreePath folder = TreePath.Parse($"usr/{name}");
            if (tree.Nodes.Keys.Any(path => path.IsBelow(folder)) && !tree.Nodes.ContainsKey(TreePath.Parse(name)))
            {
                tree.AddSymlink(name, $"usr/{name}");
            }
        }
    }

    private static BakeException Conflict(TreePath path, string first, string second, string how) => new(
        "BAKE0408",
        path.ToString(),
        $"the packages '{first}' and '{second}' both bring this path, {how}.",
        "Name the winner under 'winners:' in roles/common/common.yaml, or remove one of the packages from image.yaml.");
}
