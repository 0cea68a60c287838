// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.NodeConfig.Roles;

/// <summary>All roles of an image, sorted by name: the document at <see cref="NodePaths.CompiledRoles"/>.</summary>
public sealed record CompiledRoles
{
    public required IReadOnlyList<RoleDefinition> Roles { get; init; }

    /// <summary>Roles that the image cannot play, sorted by name.</summary>
    public IReadOnlyList<LeftOutRole> LeftOut { get; init; } = [];

    /// <summary>Version by component, sorted: <c>kubernetes</c> → <c>1.36.2</c>.</summary>
    public IReadOnlyDictionary<string, string> Components { get; init; } = new SortedDictionary<string, string>(
        StringComparer.Ordinal);

    public static CompiledRoles Of(IEnumerable<RoleDefinition> roles) =>
        Of(roles, new Dictionary<string, ComponentVersion>(StringComparer.Ordinal));

    /// <summary>
    /// The roles that an image with these components can play, as its versions want them, and which it cannot.
    /// </summary>
    public static CompiledRoles Of(
        IEnumerable<RoleDefinition> roles, IReadOnlyDictionary<string, ComponentVersion> components)
    {
        RoleDefinition[] sorted = [.. roles.OrderBy(role => role.Role, StringComparer.Ordinal)];
        LeftOutRole[] leftOut =
        [
            .. sorted
                .Select(role => new LeftOutRole
                {
                    Role = role.Role,
                    Components = [.. role.Components.Where(name => !components.ContainsKey(name))],
                })
                .Where(role => role.Components.Count > 0),
        ];
        return new CompiledRoles
        {
            Roles =
            [
                .. sorted.Where(role => role.Components.All(components.ContainsKey)).Select(
                    role => role.For(components)),
            ],
            LeftOut = leftOut,
            Components = new SortedDictionary<string, string>(
                components.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()), StringComparer.Ordinal),
        };
    }

    /// <exception cref="JsonException">The document is not one that <see cref="ToJson"/> makes.</exception>
    public static CompiledRoles FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RoleJson.Default.CompiledRoles)
            ?? throw new JsonException("the roles are null");

    /// <summary>UTF-8, indented, with line feeds: the same bytes for the same roles everywhere.</summary>
    public byte[] ToJson() =>
        [.. JsonSerializer.SerializeToUtf8Bytes(this, RoleJson.Default.CompiledRoles), (byte)'\n'];

    public RoleDefinition? Find(string role) => Roles.FirstOrDefault(candidate => candidate.Role == role);
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CompiledRoles))]
internal sealed partial class RoleJson : JsonSerializerContext;
