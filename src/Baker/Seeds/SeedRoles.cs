using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>
/// The roles of the machines that a seed is for, and what their metadata holds of the cluster's secrets.
/// </summary>
internal sealed record SeedRoles
{
    private readonly RoleSecrets[] _roles;

    private SeedRoles(RoleSecrets[] roles) => _roles = roles;

    public IEnumerable<string> Names => _roles.Select(role => role.Role);

    /// <summary>Name of the seed's folder: <c>worker</c>, <c>etcd-master-worker</c>.</summary>
    public string FolderName => string.Join('-', Names);

    public bool HasEtcd => _roles.Any(role => role.Role == RoleSecrets.EtcdRole);

    public bool IsOfKubernetes => _roles.Any(role => role.IsOfKubernetes);

    public bool IsLb => _roles.Any(role => role.Role == RoleSecrets.LbRole);

    /// <summary>Whether it must agree with the others on how the API is found.</summary>
    public bool KnowsEndpoint => IsOfKubernetes || IsLb;

    public bool RunsControlPlane => _roles.Any(role => role.RunsControlPlane);

    public bool JoinsByToken => _roles.Any(role => role.JoinsByToken);

    /// <summary>Authorities whose key it gets.</summary>
    public IReadOnlyList<string> Signs =>
    [.. ClusterSecrets.AuthorityNames
        .Where(name => _roles.Any(role => role.Signs.Contains(name, StringComparer.Ordinal)))];

    /// <summary>Authorities of which it gets the certificate only.</summary>
    public IReadOnlyList<string> Trusts =>
    [.. ClusterSecrets.AuthorityNames
        .Where(name => _roles.Any(role => role.Trusts.Contains(name, StringComparer.Ordinal)))
        .Except(Signs, StringComparer.Ordinal)];

    /// <summary>Of a machine that is a whole cluster.</summary>
    public static SeedRoles OfSingle { get; } = new([.. RoleSecrets.All.Where(role => role.IsRequired)]);

    /// <summary>
    /// Reads <c>worker</c>, <c>etcd,master,worker</c> or <c>[etcd, master, worker]</c>; the order does not matter.
    /// </summary>
    public static SeedRoles Parse(string text)
    {
        string[] names = text.Trim().TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries);
        string? unknown = names.FirstOrDefault(name => RoleSecrets.Find(name) is null);
        if (unknown is not null)
        {
            throw new BakeException(
                "BAKE0801", "--role", $"there is no role '{unknown}'.",
                $"Choose of: {string.Join(", ", RoleSecrets.All.Select(role => role.Role))}; several with commas.");
        }

        string? twice =
            names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null
            ? new SeedRoles([.. RoleSecrets.All.Where(role => names.Contains(role.Role, StringComparer.Ordinal))])
            : throw new BakeException(
                "BAKE0801", "--role", $"the role '{twice}' stands twice.", "Name each role once.");
    }
}
