using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Restoring;

/// <summary>What a bake wants to have in its cache.</summary>
internal sealed record RestoreRequest
{
    public required ImagePlan Plan { get; init; }

    /// <summary>How errors call the plan.</summary>
    public required string PlanName { get; init; }

    public required ImageLock Lock { get; init; }

    /// <summary>How errors call the lock.</summary>
    public required string LockName { get; init; }

    /// <summary>Path for a lock that holds for this bake only, under artifacts/.</summary>
    public required string TemporaryLock { get; init; }

    /// <summary>The command line's choice of a source of Kubernetes; null for the plan's.</summary>
    public KubernetesSource? Kubernetes { get; init; }

    /// <summary>
    /// --locked, or CI=true: no other lock than the committed one, and nothing that depends on who can be reached.
    /// </summary>
    public required bool InsistOnLock { get; init; }
}
