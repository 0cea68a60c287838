using System.Collections.Immutable;

namespace Images.Baker.Plan;

internal sealed record PackagePrunePlan
{
    /// <summary>Pruned in this package.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>If any: everything of this package that none of these globs matches is pruned.</summary>
    public required ImmutableArray<string> Only { get; init; }
}
