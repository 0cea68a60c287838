using Images.Baker.Plan;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>What decides about the source of Kubernetes.</summary>
internal sealed record KubernetesRequest
{
    public required ImagePlan Plan { get; init; }

    /// <summary>How errors call the plan.</summary>
    public required string PlanName { get; init; }

    public required ImageLock Lock { get; init; }

    /// <summary>How errors call the lock.</summary>
    public required string LockName { get; init; }

    /// <summary>Path for a lock that holds for this bake only, under artifacts/.</summary>
    public required string TemporaryLock { get; init; }

    /// <summary>The command line's choice; null for the plan's.</summary>
    public required KubernetesSource? Source { get; init; }

    /// <summary>--locked, or CI=true: what is baked may not depend on who can be reached.</summary>
    public required bool InsistOnLock { get; init; }
}
