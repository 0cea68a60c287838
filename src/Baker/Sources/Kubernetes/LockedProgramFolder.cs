using System.Collections.Immutable;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>Programs in a folder of the user's own.</summary>
internal sealed record LockedProgramFolder
{
    public required string Version { get; init; }

    /// <summary>All of <see cref="KubernetesProgramNames"/>, in that order.</summary>
    public required ImmutableArray<LockedProgram> Programs { get; init; }
}
