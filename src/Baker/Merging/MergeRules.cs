using Images.Formats.Tree;

namespace Images.Baker.Merging;

/// <summary>Who wins where two owners claim one path with different content. Without a rule that is an error.</summary>
public sealed class MergeRules
{
    private readonly Dictionary<TreePath, string> _winners = [];

    public static MergeRules None { get; } = new([]);

    /// <param name="winners">A path and the owner whose node stays.</param>
    public MergeRules(IEnumerable<KeyValuePair<TreePath, string>> winners)
    {
        ArgumentNullException.ThrowIfNull(winners);
        foreach ((TreePath path, string owner) in winners)
        {
            _winners[UsrMerge.Resolve(path)] = owner;
        }
    }

    /// <summary>The owner that a rule names for this path, or null.</summary>
    public string? WinnerOf(TreePath path) => _winners.GetValueOrDefault(path);
}
