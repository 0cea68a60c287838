using System.Net;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>What the metadata and this machine say.</summary>
internal sealed record PodRoutingSettings
{
    public required PodRoutingMode Mode { get; init; }

    /// <summary>This machine's own address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The addresses of all pods.</summary>
    public required IPNetwork PodNetwork { get; init; }
}
