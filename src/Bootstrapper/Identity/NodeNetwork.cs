using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Identity;

/// <summary>The network on which a machine has its address.</summary>
internal static class NodeNetwork
{
    /// <summary>Null for an address that no interface has now, and for IPv6.</summary>
    public static IPNetwork? Of(IPAddress address)
    {
        try
        {
            UnicastIPAddressInformation? found = NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .FirstOrDefault(candidate => candidate.Address.Equals(address));
            return found is not null && address.AddressFamily == AddressFamily.InterNetwork
                ? Ipv4Networks.Around(address, found.PrefixLength)
                : null;
        }
        catch (NetworkInformationException)
        {
            return null; // an interface that went away while it was looked at
        }
    }
}
