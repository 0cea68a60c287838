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

    /// <summary>What the image must hold beside packages, for example <c>kubernetes</c>; without it a bake leaves the role out.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Container images that its services start by themselves, by the names under which the image must carry them.</summary>
    public IReadOnlyList<string> ContainerImages { get; init; } = [];

    public RoleMinimum? Minimum { get; init; }

    public IReadOnlyList<RolePort> Ports { get; init; } = [];

    /// <summary>Folders whose content belongs to this machine in this role: a reset empties them.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    public required IReadOnlyList<RoleService> Services { get; init; }

    /// <summary>The role with the files that the image's version of its component calls for, and without their ranges.</summary>
    /// <param name="components">Version by component; those of <see cref="Components"/> must be in it.</param>
    public RoleDefinition For(IReadOnlyDictionary<string, ComponentVersion> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return this with
        {
            Services =
            [
                .. Services.Select(service => service with
                {
                    Files = [.. service.Files.Where(file => file.Versions?.Contains(components[Components[0]]) ?? true).Select(file => file with { Versions = null })],
                }),
            ],
        };
    }

    /// <summary>The role on a machine: without what is not for it, and without the conditions that it meets.</summary>
    public RoleDefinition For(RoleConditions machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return this with
        {
            Services =
            [
                .. Services.Where(service => machine.Holds(service.When) ?? true).Select(service => service with
                {
                    When = null,
                    Files =
                    [
                        .. service.Files.Where(file => machine.Holds(file.When) ?? true)
                            .Select(file => machine.Holds(file.When) is null ? file : file with { When = null }),
                    ],
                }),
            ],
        };
    }
}
