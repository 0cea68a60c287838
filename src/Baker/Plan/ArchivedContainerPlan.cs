namespace Images.Baker.Plan;

/// <summary>Taken from an OCI or docker archive on disk; the lock pins the file's digest.</summary>
internal sealed record ArchivedContainerPlan : ContainerImagePlan
{
    /// <summary>Full path.</summary>
    public required string Archive { get; init; }

    /// <summary>As image.yaml has it.</summary>
    public required string WrittenPath { get; init; }

    public override string Describe() => $"{Name} archive {WrittenPath}";
}
