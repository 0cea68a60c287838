using Images.Baker.Plan;

namespace Images.Baker.Sources;

/// <summary>What a bake wants to have in its cache.</summary>
internal sealed record ObtainRequest
{
    public required ImagePlan Plan { get; init; }

    /// <summary>How errors call the plan.</summary>
    public required string PlanName { get; init; }

    public required ImageLock Lock { get; init; }

    /// <summary>How errors call the lock.</summary>
    public required string LockName { get; init; }

    /// <summary>Path for a lock that holds for this bake only, under artifacts/.</summary>
    public required string TemporaryLock { get; init; }

    /// <summary>--locked, or CI=true: no other lock than the committed one.</summary>
    public required bool InsistOnLock { get; init; }
}
