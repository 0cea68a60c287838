namespace Images.NodeConfig.Roles;

/// <summary>The smallest machine the role is meant for.</summary>
public sealed record RoleMinimum
{
    public required int Cpus { get; init; }

    public required long MemoryBytes { get; init; }

    public required long DiskBytes { get; init; }
}
