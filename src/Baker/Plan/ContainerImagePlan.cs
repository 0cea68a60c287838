using Images.Baker.Containers;

namespace Images.Baker.Plan;

/// <summary>One container image that the image carries, so that a node runs it without any registry.</summary>
internal abstract record ContainerImagePlan
{
    /// <summary>How pods and containerd's settings call it: host, repository and tag.</summary>
    public required ContainerReference Name { get; init; }
}
