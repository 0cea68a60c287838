using System.Collections.Concurrent;
using Images.NodeConfig.Roles;

namespace Images.TestSupport;

/// <summary>Roles of this checkout's roles/ by name; others are roles that a user added.</summary>
internal static class RolesOfProduct
{
    private static readonly ConcurrentDictionary<string, RoleDefinition> _read = new(StringComparer.Ordinal);

    public static IReadOnlyList<RoleDefinition> Named(params IReadOnlyList<string> names) => [.. names.Select(name => _read.GetOrAdd(name, Read))];

    private static RoleDefinition Read(string name)
    {
        string file = Path.Combine(Checkout.Folder, "roles", $"{name}.yaml");
        return RoleFile.Parse(File.Exists(file) ? File.ReadAllText(file) : $"role: {name}\ndns: {name}\nservices: [{{ unit: {name}.service }}]\n", file);
    }
}
