using System.Net;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Names that this machine answers by itself, because its metadata says their addresses: those of the cluster on a
/// machine that is the whole of it (<c>node.single</c>), and those of <c>node.hosts</c>. No DNS is asked for them.
/// </summary>
internal sealed class LocalNames
{
    private readonly Dictionary<string, PeerSet> _addresses = new(StringComparer.Ordinal);

    private LocalNames(IEnumerable<HostAddresses> hosts)
    {
        Hosts = [.. hosts];
        foreach (HostAddresses host in Hosts)
        {
            _addresses[host.Name] = PeerSet.Of(host.Addresses);
        }
    }

    /// <summary>In the order of the metadata.</summary>
    public IReadOnlyList<HostAddresses> Hosts { get; }

    public static LocalNames Of(NodeState state) =>
        Of(state.Metadata.Node, state.ImageRoles, IPAddress.Parse(state.Identity.Address));

    /// <param name="node">The metadata.</param>
    /// <param name="roles">Of the image: they know under which names machines stand.</param>
    /// <param name="address">The machine's own.</param>
    public static LocalNames Of(NodeSettings node, CompiledRoles roles, IPAddress address)
    {
        RoleNames names = new(roles, node.Cluster, node.Domain);
        IEnumerable<HostAddresses> ofCluster = from role in node.IsSingle ? node.Roles : []
                                               from name in names.AllOf(role)
                                               select new HostAddresses(name.TrimEnd('.'), [address]);
        return new LocalNames([.. ofCluster, .. node.Hosts]);
    }

    /// <param name="name">With or without its last dot.</param>
    /// <returns>Null for a name that DNS is asked for.</returns>
    public PeerSet? Find(string name) => _addresses.GetValueOrDefault(name.TrimEnd('.'));
}
