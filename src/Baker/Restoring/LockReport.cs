using System.Collections.Immutable;

namespace Images.Baker.Restoring;

/// <summary>What a check of a lock saw.</summary>
/// <param name="Checked">Packages and source files that stand in an index whose digest is signed.</param>
/// <param name="Unchecked">Names of those whose index cannot be had, by the reason why not.</param>
internal sealed record LockReport(int Checked, ImmutableSortedDictionary<string, ImmutableArray<string>> Unchecked)
{
    public int UncheckedCount => Unchecked.Values.Sum(names => names.Length);

    public IEnumerable<string> Lines =>
    [
        $"{Checked} of {Checked + UncheckedCount} pinned files stand in an index that a pinned key signed.",
        .. Unchecked.Select(
            entry => $"not checked, {entry.Value.Length}: {entry.Key}: {string.Join(", ", entry.Value)}"),
    ];
}
