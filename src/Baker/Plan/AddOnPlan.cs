namespace Images.Baker.Plan;

/// <summary>A manifest, or a folder of manifests, that masters apply to the cluster.</summary>
internal sealed record AddOnPlan
{
    /// <summary>As image.yaml has it; errors call it so.</summary>
    public required string WrittenPath { get; init; }

    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>Whether nodes may pull container images that the image does not carry.</summary>
    public required bool MayPull { get; init; }

    /// <summary>Where it stands in image.yaml: file, line and column.</summary>
    public required string Place { get; init; }
}
