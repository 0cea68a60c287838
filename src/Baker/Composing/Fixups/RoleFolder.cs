using Images.NodeConfig.Roles;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// One role as it stands under roles/: its definition, the units it brings, the templates its files name.
/// </summary>
public sealed record RoleFolder
{
    /// <summary>Path of the role file, for errors.</summary>
    public required string SourceName { get; init; }

    public required RoleDefinition Definition { get; init; }

    /// <summary>Name below <c>units/</c> (a drop-in has a folder) and text.</summary>
    public required IReadOnlyDictionary<string, string> Units { get; init; }

    /// <summary>Name below <c>templates/</c> and text.</summary>
    public required IReadOnlyDictionary<string, string> Templates { get; init; }
}
