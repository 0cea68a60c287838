using Images.Formats.Tree;

namespace Images.Baker.Merging;

/// <summary>All layers in one tree, with the owner of each path that is no shared directory.</summary>
internal sealed record MergedTree
{
    public required FileTreeBuilder Tree { get; init; }

    /// <summary>
    /// Who brought a path. Directories are in it too, under the first owner by name. Paths that our own
    /// files replace are taken out.
    /// </summary>
    public required Dictionary<TreePath, string> Owners { get; init; }
}
