using System.Collections.Immutable;

namespace Images.Baker.Plan;

/// <summary>
/// Which paths of the packages stay out of the tree. Globs are relative to the image's root: '*' and '?' stay inside one
/// component, '**' crosses components. A glob that matches a folder takes the folder's content with it.
/// </summary>
internal sealed record PrunePlan
{
    /// <summary>Pruned in every package.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>Kept in every package, whatever else says prune.</summary>
    public required ImmutableArray<string> Keep { get; init; }

    /// <summary>Further rules by package name.</summary>
    public required ImmutableSortedDictionary<string, PackagePrunePlan> Packages { get; init; }
}
