using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>Drops paths. Where only one name of a file goes, its other names keep the content.</summary>
internal static class PathRemoval
{
    public static void Apply(FileTreeBuilder tree, IReadOnlyList<TreePath> paths)
    {
        foreach ((TreePath path, TreeNode node) in tree.Nodes.OrderBy(entry => entry.Key).ToArray())
        {
            if (node is HardLinkNode link && IsRemoved(link.Target, paths) && !IsRemoved(path, paths))
            {
                Promote(tree, path, link.Target);
            }
        }

        foreach (TreePath path in paths)
        {
            tree.Remove(path);
        }
    }

    private static bool IsRemoved(TreePath path, IReadOnlyList<TreePath> removed) =>
        removed.Any(folder => path == folder || path.IsBelow(folder));

    /// <summary>The first remaining name becomes the file, the others link to it.</summary>
    private static void Promote(FileTreeBuilder tree, TreePath path, TreePath target)
    {
        tree.Set(path, tree.Nodes[target]);
        foreach ((TreePath other, TreeNode node) in tree.Nodes.ToArray())
        {
            if (node is HardLinkNode link && link.Target == target)
            {
                tree.Set(other, link with { Target = path });
            }
        }
    }
}
