using System.Text.Json.Serialization;

namespace Images.NodeConfig.Roles;

/// <summary>A file rendered on the node from a template.</summary>
public sealed record ServiceFile
{
    public const string DefaultMode = "0644";
    public const string DefaultOwner = "root:root";
    public const string WhenPodCidr = "pod-cidr";

    /// <summary>Absolute path on the node.</summary>
    public required string Path { get; init; }

    /// <summary>File name under <c>templates/</c> of the role, or <c>role/name</c> for one of another role.</summary>
    public required string Template { get; init; }

    /// <summary>Versions of the role's component that need the file; null: all. A bake decides, so compiled roles have none.</summary>
    [JsonIgnore]
    public VersionRange? Versions { get; init; }

    /// <summary>
    /// <see cref="WhenPodCidr"/>: the agent writes it once the node's share of the pods' network is known. A word of
    /// <see cref="RoleConditions"/>: only on machines where it holds, which read their roles through
    /// <see cref="RoleDefinition.For(RoleConditions)"/>. Null: <c>prepare</c> writes it.
    /// </summary>
    public string? When { get; init; }

    /// <summary>The text is added to that of the file of this path before it, whose mode and owner it has.</summary>
    public bool Append { get; init; }

    /// <summary>Four octal digits.</summary>
    public string Mode { get; init; } = DefaultMode;

    /// <summary><c>user:group</c>, names of the image's accounts.</summary>
    public string Owner { get; init; } = DefaultOwner;

    /// <summary>The role whose template it is, and the template's name.</summary>
    /// <param name="role">The role whose file it is.</param>
    public (string Role, string Name) TemplateOf(string role) => Template.Split('/') is [string other, string name] ? (other, name) : (role, Template);
}
