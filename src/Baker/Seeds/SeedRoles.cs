using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Baker.Seeds;

/// <summary>
/// The roles of the machines that a seed is for, and what their metadata holds of the cluster's secrets.
/// </summary>
internal sealed record SeedRoles
{
    private const string Etcd = "etcd";

    private readonly RoleDefinition[] _roles;
    private readonly RoleSecrets[] _secrets;

    private SeedRoles(IEnumerable<RoleDefinition> roles)
    {
        _roles = [.. roles];
        _secrets = [.. _roles.Select(role => role.Secrets).OfType<RoleSecrets>()];
    }

    public IEnumerable<string> Names => _roles.Select(role => role.Role);

    /// <summary>Name of the seed's folder: <c>worker</c>, <c>etcd-master-worker</c>.</summary>
    public string FolderName => string.Join('-', Names);

    public bool HasEtcd => _roles.Any(role => role.Role == Etcd);

    public bool IsOfKubernetes => _roles.Any(role => role.IsOfKubernetes);

    public bool IsLb => _roles.Any(role => role.Role == BootstrapToken.LbGroup);

    public bool RunsControlPlane => _secrets.Any(role => role.RunsControlPlane);

    public bool JoinsByToken => _secrets.Any(role => role.JoinsByToken);

    /// <summary>Authorities whose key it gets.</summary>
    public IReadOnlyList<string> Signs =>
    [.. ClusterSecrets.AuthorityNames
        .Where(name => _secrets.Any(role => role.Signs.Contains(name, StringComparer.Ordinal)))];

    /// <summary>Authorities of which it gets the certificate only.</summary>
    public IReadOnlyList<string> Trusts =>
    [.. ClusterSecrets.AuthorityNames
        .Where(name => _secrets.Any(role => role.Trusts.Contains(name, StringComparer.Ordinal)))
        .Except(Signs, StringComparer.Ordinal)];

    /// <summary>Of a machine that is a whole cluster.</summary>
    public static SeedRoles OfSingle { get; } = Named(NodeSettings.RolesOfSingle);

    /// <summary>
    /// Reads <c>worker</c>, <c>etcd,master,worker</c> or <c>[etcd, master, worker]</c>; the order does not matter.
    /// </summary>
    public static SeedRoles Parse(string text)
    {
        string[] names = text.Trim().TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries);
        string? unknown = names.FirstOrDefault(name => ProductRoles.Find(name) is null);
        if (unknown is not null)
        {
            throw new BakeException(
                "BAKE0801", "--role", $"there is no role '{unknown}'.",
                $"Choose of: {string.Join(", ", ProductRoles.All.Select(role => role.Role))}; several with commas.");
        }

        string? twice =
            names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null
            ? Named(names)
            : throw new BakeException(
                "BAKE0801", "--role", $"the role '{twice}' stands twice.", "Name each role once.");
    }

    /// <summary>In the order of their names.</summary>
    private static SeedRoles Named(IReadOnlyList<string> names) =>
        new(ProductRoles.All.Where(role => names.Contains(role.Role, StringComparer.Ordinal)));
}
