namespace Images.NodeConfig.Roles;

/// <summary>A role that an image was baked without, because it lacks a component of it.</summary>
public sealed record LeftOutRole
{
    public required string Role { get; init; }

    /// <summary>The components that the image lacks.</summary>
    public required IReadOnlyList<string> Components { get; init; }
}
