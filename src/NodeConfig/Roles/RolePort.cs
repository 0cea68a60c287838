namespace Images.NodeConfig.Roles;

/// <summary>A port the role listens on. <see cref="Protocol"/> is <c>tcp</c> or <c>udp</c>.</summary>
public sealed record RolePort
{
    public required int Number { get; init; }

    public required string Protocol { get; init; }
}
