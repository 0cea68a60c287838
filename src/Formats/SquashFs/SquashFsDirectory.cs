using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// A directory of the tree with what stands in it, sorted by the bytes of the names, as readers search.
/// </summary>
internal sealed class SquashFsDirectory(TreePath path)
{
    private readonly List<SquashFsChild> _children = [];

    public TreePath Path { get; } = path;

    public IReadOnlyList<SquashFsChild> Children => _children;

    public void Add(SquashFsChild child) => _children.Add(child);

    /// <summary>The tree's order is by UTF-16, which differs beyond the basic plane.</summary>
    public void SortByBytes() => _children.Sort((left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
}
