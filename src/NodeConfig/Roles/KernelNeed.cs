namespace Images.NodeConfig.Roles;

/// <summary>
/// A part of the kernel that must be there before a service starts, and how it shows. A node in a container cannot load
/// it: that is its host's.
/// </summary>
public sealed record KernelNeed
{
    /// <summary>The module's name, for whoever has to load it.</summary>
    public required string Module { get; init; }

    /// <summary>The file system that it brings, as /proc/filesystems lists it; null: <see cref="Path"/> says.</summary>
    public string? Filesystem { get; init; }

    /// <summary>A folder or file that it brings.</summary>
    public string? Path { get; init; }
}
