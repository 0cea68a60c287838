using Images.Formats.Tree;
using Images.NodeConfig.Roles;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Everything under roles/ that goes into an image, read once: what all nodes have in common and one folder a role.
/// Sorted by name, so that nothing depends on the host's directory order.
/// </summary>
public sealed record RoleSources
{
    public required SystemDescription System { get; init; }

    /// <summary>Our own files of every node, by their path in the image.</summary>
    public required IReadOnlyDictionary<TreePath, string> Files { get; init; }

    /// <summary>Our own units of every node, by their name below <c>units/</c>.</summary>
    public required IReadOnlyDictionary<string, string> Units { get; init; }

    /// <summary>By role name.</summary>
    public required IReadOnlyList<RoleFolder> Roles { get; init; }

    /// <summary>The roles that an image with these components cannot play.</summary>
    public IReadOnlyList<LeftOutRole> LeftOutWith(IReadOnlyDictionary<string, ComponentVersion> components) =>
        CompiledRoles.Of(Roles.Select(role => role.Definition), components).LeftOut;

    /// <summary>Without the roles that need a component which the image lacks.</summary>
    public RoleSources PlayableWith(IReadOnlyDictionary<string, ComponentVersion> components) =>
        this with { Roles = [.. Roles.Where(role => role.Definition.Components.All(components.ContainsKey))] };
}
