using System.Net;
using System.Net.Sockets;

namespace Images.Bootstrapper.Discovery;

/// <summary>The resolver of a machine.</summary>
internal static class PeerResolver
{
    /// <summary>Peers are asked for by the family of the node's own address, so that a machine with two families counts once.</summary>
    public static IPeerResolver For(string nodeAddress, NodeRoot root)
    {
        AddressFamily family = IPAddress.Parse(nodeAddress).AddressFamily;
        return new ResolvedResolver(root[ResolvedResolver.DefaultSocket], family, new LibcResolver(family));
    }
}
