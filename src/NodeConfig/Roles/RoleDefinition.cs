namespace Images.NodeConfig.Roles;

/// <summary>What a role is, as <c>roles/&lt;role&gt;.yaml</c> says it. Lists keep the order of the file.</summary>
public sealed record RoleDefinition
{
    /// <summary>The name that metadata uses, for example <c>etcd</c>.</summary>
    public required string Role { get; init; }

    /// <summary>First label of the name under which all machines of the role stand in DNS, for example <c>masters</c>.</summary>
    public required string Dns { get; init; }

    /// <summary>Further first labels with the same meaning, for example <c>minions</c> beside <c>workers</c>.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public RoleMinimum? Minimum { get; init; }

    public IReadOnlyList<RolePort> Ports { get; init; } = [];

    /// <summary>Folders whose content belongs to this machine in this role: a reset empties them.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    public required IReadOnlyList<RoleService> Services { get; init; }
}
