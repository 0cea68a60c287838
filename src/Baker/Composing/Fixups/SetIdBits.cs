using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Takes the set-user-id and set-group-id bits from every program that the description does not list.
/// </summary>
internal static class SetIdBits
{
    private const int SetId = 0b110_000_000_000;

    public static void Clear(FileTreeBuilder tree, SystemDescription description)
    {
        foreach ((TreePath path, TreeNode node) in tree.Nodes.ToArray())
        {
            if (node is FileNode file && (file.Mode & SetId) != 0 && !description.KeepSetId.Contains(path))
            {
                tree.Set(path, file with { Mode = file.Mode & ~SetId });
            }
        }
    }
}
