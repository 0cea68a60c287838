using Images.Launcher.Hosts;
using Images.Launcher.Roots;

namespace Images.Launcher.Clusters;

/// <summary>What a cluster is made with.</summary>
internal sealed record ContainerClusterOptions
{
    /// <summary>A DNS label; names the control groups too, so that two clusters of one machine differ in it.</summary>
    public required string Name { get; init; }

    /// <summary>Where its data and logs are; made if it is not there.</summary>
    public required string Folder { get; init; }

    public required IdRange Ids { get; init; }

    /// <summary>Where roots are unpacked; that of a node's other slot too.</summary>
    public required RootStore Roots { get; init; }

    /// <summary>
    /// The root in it whose programs serve the cluster, and which nodes have unless they were upgraded. Not disposed.
    /// </summary>
    public required RootLease Root { get; init; }

    /// <summary>DNS domain that the network's servers answer for.</summary>
    public string Domain { get; init; } = "k8s";
}
