using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>A Node as far as a decision needs it.</summary>
internal sealed record CsrNode
{
    public required string Name { get; init; }

    /// <summary>
    /// Whether its kubelet is heard of, ready or not: the controller manager says Unknown when it has fallen silent.
    /// </summary>
    public required bool IsLive { get; init; }

    /// <summary>When its kubelet told of itself last; null when it never did.</summary>
    public DateTimeOffset? HeardOfAt { get; init; }

    public required IReadOnlyList<string> InternalAddresses { get; init; }

    public static CsrNode Read(KubernetesObject node)
    {
        KubernetesObject? ready = node.Items("status", "conditions")
            .FirstOrDefault(condition => condition.Text("type") == "Ready");
        return new CsrNode
        {
            Name = node.Name,
            IsLive = ready?.Text("status") is "True" or "False",
            HeardOfAt = ready?.Moment("lastHeartbeatTime"),
            InternalAddresses = [.. node.Items("status", "addresses")
                .Where(address => address.Text("type") == "InternalIP")
                .Select(address => address.Text("address"))],
        };
    }
}
