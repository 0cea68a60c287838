// Where machines are, and how they are found.
#pragma warning disable MA0048
using System.Net;
using System.Net.Sockets;
using Images.Baker.Seeds;
using Images.Baker.Ssh;
using Images.NodeConfig.Roles;

namespace Images.Baker.Upgrading;

/// <summary>A machine by the name that ssh takes, and as what it proves itself.</summary>
/// <param name="Host">A name or an address, perhaps with a port behind a colon.</param>
internal sealed record MachinePlace(string Host, NodeRole Role);

/// <summary>The machines of a cluster: those that the user names, or else those that DNS does.</summary>
internal static class UpgradeMachines
{
    /// <summary>As every API server has it.</summary>
    private const int ApiPort = 6443;

    private static readonly (NodeRole Role, string Name)[] _roles =
    [
        (NodeRole.Etcd, UpgradeRules.Etcd), (NodeRole.Master, UpgradeRules.Master), (NodeRole.Lb, UpgradeRules.Lb),
        (NodeRole.Worker, UpgradeRules.Worker),
    ];

    /// <summary>A machine of several roles stands there once, with the first of them.</summary>
    /// <param name="named">By the user; where there is none, DNS is asked.</param>
    /// <param name="cluster">With its domain.</param>
    /// <exception cref="BakeException">There is none.</exception>
    public static async Task<IReadOnlyList<MachinePlace>> FindAsync(
        IReadOnlyList<MachinePlace> named, string cluster, CancellationToken cancellationToken)
    {
        List<MachinePlace> found = [.. named];
        if (named.Count == 0)
        {
            foreach ((NodeRole role, string name) in _roles)
            {
                found.AddRange((await AskAsync(NameOf(name, cluster), cancellationToken).ConfigureAwait(false))
                    .Select(address => new MachinePlace(address, role)));
            }
        }

        MachinePlace[] all =
        [
            .. found.OrderBy(place => Array.FindIndex(_roles, role => role.Role == place.Role))
                .DistinctBy(place => place.Host, StringComparer.OrdinalIgnoreCase),
        ];
        return all.Length > 0
            ? all
            : throw new BakeException(
                "BAKE0971", cluster,
                $"DNS names no machine: {string.Join(", ", _roles.Select(role => NameOf(role.Name, cluster)))}.",
                "Ask from where these names are known, or name machines: --etcd, --master, --lb, --worker.");
    }

    /// <summary>Where the cluster's API may be asked; none in a cluster without masters.</summary>
    /// <param name="masters">Hosts of masters, as they are known already.</param>
    /// <param name="cluster">With its domain, by which DNS knows others.</param>
    public static async Task<IReadOnlyList<Uri>> FindApiAsync(
        IEnumerable<string> masters, string cluster, CancellationToken cancellationToken) =>
    [
        .. masters.Select(host => SshPlace.Parse(host).Name)
            .Concat(await AskAsync(NameOf(UpgradeRules.Master, cluster), cancellationToken).ConfigureAwait(false))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(host => new UriBuilder(Uri.UriSchemeHttps, host, ApiPort).Uri),
    ];

    private static string NameOf(string role, string cluster)
    {
        RoleDefinition definition = ProductRoles.Find(role)
            ?? throw new InvalidOperationException($"There is no role {role}.");
        return $"{definition.Dns}.{cluster}";
    }

    /// <summary>Sorted; empty where there is no such name.</summary>
    private static async Task<IReadOnlyList<string>> AskAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return
            [
                .. (await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false))
                    .Select(address => address.ToString())
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
