namespace Images.Baker.Plan;

/// <summary>One container image that the image carries, so that a node runs it without any registry.</summary>
internal abstract record ContainerImagePlan
{
    /// <summary>How pods and containerd's settings call it: host, repository and tag.</summary>
    public required ContainerReference Name { get; init; }

    /// <summary>All that image.yaml says of it, as text: for the key of its layer and for the digest of the plan.</summary>
    public abstract string Describe();
}
