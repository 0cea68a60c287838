using System.Collections.Immutable;

namespace Images.Baker.Plan;

internal sealed record KubernetesDebianPlan
{
    /// <summary>The package that holds the Go command, as golang-1.26-go; the standard library is one of its dependencies.</summary>
    public required string Toolchain { get; init; }

    /// <summary>Suites that hold the source package, the toolchain and the library that replaces a vendored one. The image's own packages never come from them.</summary>
    public required ImmutableArray<SuitePlan> Suites { get; init; }
}
