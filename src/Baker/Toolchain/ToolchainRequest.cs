using Images.Baker.Plan;
using Images.Baker.Locking;

namespace Images.Baker.Toolchain;

/// <summary>Whose linker is wanted.</summary>
internal sealed record ToolchainRequest
{
    public required ImagePlan Plan { get; init; }

    /// <summary>How errors call the plan.</summary>
    public required string PlanName { get; init; }

    public required ImageLock Lock { get; init; }

    /// <summary>How errors call the lock.</summary>
    public required string LockName { get; init; }

    /// <summary>--locked, or CI=true: no other packages than the pinned ones.</summary>
    public required bool InsistOnLock { get; init; }

    /// <summary>
    /// --no-derived-cache: unpacked again though they are there, and those that are not the same are replaced.
    /// </summary>
    public bool Anew { get; init; }
}
