using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>A Node as far as a decision needs it.</summary>
internal sealed record CsrNode
{
    public required string Name { get; init; }

    /// <summary>Whether its kubelet is heard of, ready or not: the controller manager says Unknown when it has fallen silent.</summary>
    public required bool IsLive { get; init; }

    public required IReadOnlyList<string> InternalAddresses { get; init; }

    public static CsrNode Read(KubernetesObject node) => new()
    {
        Name = node.Name,
        IsLive = node.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") is ("True" or "False")),
        InternalAddresses = [.. node.Items("status", "addresses").Where(address => address.Text("type") == "InternalIP").Select(address => address.Text("address"))],
    };
}
