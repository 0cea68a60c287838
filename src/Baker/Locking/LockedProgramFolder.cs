using System.Collections.Immutable;
using Images.Baker.Plan;

namespace Images.Baker.Locking;

/// <summary>Programs in a folder of the user's own.</summary>
internal sealed record LockedProgramFolder
{
    public required string Version { get; init; }

    /// <summary>All of <see cref="KubernetesProgramNames"/>, in that order.</summary>
    public required ImmutableArray<LockedProgram> Programs { get; init; }
}
