using Images.Bootstrapper.Identity;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// The names under which machines of each role stand in DNS, as the roles' files say: absolute, so that no search
/// domain is ever tried.
/// </summary>
/// <param name="roles">Of the image.</param>
/// <param name="cluster">A DNS label.</param>
/// <param name="domain">With or without its dots.</param>
internal sealed class RoleNames(CompiledRoles roles, string cluster, string domain)
{
    /// <summary>The roles whose servers this program knows.</summary>
    public const string Etcd = "etcd", Lb = "lb", Master = "master", Worker = "worker";

    public static RoleNames Of(NodeState state) =>
        new(state.ImageRoles, state.Identity.Cluster, state.Identity.Domain);

    /// <summary>
    /// <c>etcd.demo.k8s.</c>: the first name of a role. One that the image lacks has a name like itself; nobody asks
    /// for it.
    /// </summary>
    public string Of(string role) => Absolute(roles.Find(role)?.Dns ?? role);

    /// <summary>The same without its last dot, as URLs and certificates have it.</summary>
    public string HostOf(string role) => Of(role).TrimEnd('.');

    /// <summary>The first name of a role and its others; none for a role that the image lacks.</summary>
    public IReadOnlyList<string> AllOf(string role) => roles.Find(role) is { } definition
        ? [.. definition.Aliases.Prepend(definition.Dns).Select(Absolute)]
        : [];

    private string Absolute(string label) => $"{label}.{cluster}.{domain.Trim('.')}.";
}
