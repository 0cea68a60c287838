namespace Images.Baker.Tree;

/// <summary>All layers in one tree, with the owner of each path that is no shared directory.</summary>
public sealed record MergedTree
{
    public required FileTreeBuilder Tree { get; init; }

    /// <summary>Who brought a path. Directories are in it too, under the first owner by name.</summary>
    public required IReadOnlyDictionary<TreePath, string> Owners { get; init; }
}
