using System.Text.Json;

namespace Images.NodeConfig.Roles;

/// <summary>All roles of an image, sorted by name: the document at <see cref="NodePaths.CompiledRoles"/>.</summary>
public sealed record CompiledRoles
{
    public required IReadOnlyList<RoleDefinition> Roles { get; init; }

    public static CompiledRoles Of(IEnumerable<RoleDefinition> roles) =>
        new() { Roles = [.. roles.OrderBy(role => role.Role, StringComparer.Ordinal)] };

    /// <exception cref="JsonException">The document is not one that <see cref="ToJson"/> makes.</exception>
    public static CompiledRoles FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RoleJson.Default.CompiledRoles) ?? throw new JsonException("the roles are null");

    /// <summary>UTF-8, indented, with line feeds: the same bytes for the same roles everywhere.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, RoleJson.Default.CompiledRoles), (byte)'\n'];

    public RoleDefinition? Find(string role) => Roles.FirstOrDefault(candidate => candidate.Role == role);
}
