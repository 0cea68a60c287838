using System.Collections.Immutable;

namespace Images.Baker.Plan;

internal sealed record DebianPlan
{
    /// <summary>Debian's name: amd64.</summary>
    public required string Architecture { get; init; }

    /// <summary>In the order of image.yaml. The newest version of a package wins, whatever the order.</summary>
    public required ImmutableArray<SuitePlan> Suites { get; init; }
}
