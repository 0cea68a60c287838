using System.Collections.Immutable;

namespace Images.Baker.Plan;

internal sealed record SuitePlan
{
    /// <summary>Code name, as in dists/: trixie, trixie-updates, trixie-security.</summary>
    public required string Suite { get; init; }

    /// <summary>The archive's folder on every mirror: debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required ImmutableArray<string> Components { get; init; }

    /// <summary>Who may sign this suite's InRelease; one good signature is enough.</summary>
    public required ImmutableArray<KeyPlan> Keys { get; init; }
}
