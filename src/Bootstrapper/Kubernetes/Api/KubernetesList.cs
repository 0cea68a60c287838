namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>All objects of a kind at one moment.</summary>
internal sealed record KubernetesList
{
    public required IReadOnlyList<KubernetesObject> Items { get; init; }

    /// <summary>From which a watch goes on.</summary>
    public required string ResourceVersion { get; init; }
}
