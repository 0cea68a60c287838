using System.Reflection;
using Images.NodeConfig.Roles;

namespace Images.Baker.Seeds;

/// <summary>The roles of roles/ as this program was built with them, for what is made without a checkout.</summary>
internal static class ProductRoles
{
    private const string Prefix = "roles/";

    /// <summary>Sorted by name.</summary>
    public static IReadOnlyList<RoleDefinition> All { get; } = Read();

    public static RoleDefinition? Find(string role) => All.FirstOrDefault(candidate => candidate.Role == role);

    private static RoleDefinition[] Read()
    {
        Assembly assembly = typeof(ProductRoles).Assembly;
        IEnumerable<RoleDefinition> roles = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => RoleFile.Parse(Text(assembly, name), name));
        return [.. roles.OrderBy(role => role.Role, StringComparer.Ordinal)];
    }

    private static string Text(Assembly assembly, string name)
    {
        using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
