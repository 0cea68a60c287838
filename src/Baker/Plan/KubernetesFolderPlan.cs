using Images.NodeConfig.Roles;

namespace Images.Baker.Plan;

internal sealed record KubernetesFolderPlan
{
    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>What the programs are said to be; they must hold this version's text.</summary>
    public required ComponentVersion Version { get; init; }
}
