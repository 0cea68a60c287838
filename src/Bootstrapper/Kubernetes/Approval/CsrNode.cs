using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>A Node as far as a decision needs it.</summary>
internal sealed record CsrNode
{
    public required string Name { get; init; }

    /// <summary>Whether its kubelet is heard of: the controller manager turns this to Unknown when it falls silent.</summary>
    public required bool IsLive { get; init; }

    public required IReadOnlyList<string> InternalAddresses { get; init; }

    public static CsrNode Read(KubernetesObject node) => new()
    {
        Name = node.Name,
        IsLive = node.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True"),
        InternalAddresses = [.. node.Items("status", "addresses").Where(address => address.Text("type") == "InternalIP").Select(address => address.Text("address"))],
    };
}
