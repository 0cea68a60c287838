using System.Collections.Immutable;

namespace Images.Baker.Plan;

/// <summary>Made of one static program on disk; the lock pins the file's digest.</summary>
internal sealed record BinaryContainerPlan : ContainerImagePlan
{
    /// <summary>Full path on this host.</summary>
    public required string Binary { get; init; }

    /// <summary>As image.yaml has it.</summary>
    public required string WrittenPath { get; init; }

    /// <summary>What the program is started with where a pod does not say.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>Numeric user, or user and group: 65535:65535.</summary>
    public required string User { get; init; }

    /// <summary>Where the program lies in the container.</summary>
    public string Program => "/" + Path.GetFileName(Binary);

    public override string Describe() =>
        $"{Name} binary {WrittenPath} arguments {string.Join('\u0001', Arguments)} user {User}";
}
