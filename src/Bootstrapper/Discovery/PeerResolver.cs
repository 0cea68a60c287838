using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Discovery;

/// <summary>The resolver of a machine.</summary>
internal static class PeerResolver
{
    /// <summary>
    /// Peers are asked for by the family of the node's own address, so that a machine with two families counts once.
    /// </summary>
    public static IPeerResolver For(NodeState state, NodeRoot root)
    {
        IPAddress own = IPAddress.Parse(state.Identity.Address);
        AddressFamily family = own.AddressFamily;
        ResolvedResolver resolved = new(root[ResolvedResolver.DefaultSocket], family, new LibcResolver(family));
        return new LocalResolver(
            LocalNames.Of(state), new ReachableResolver(new HostsResolver(root, family, resolved), own));
    }
}
