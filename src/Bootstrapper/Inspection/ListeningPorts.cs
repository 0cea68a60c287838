using System.Net;
using System.Net.NetworkInformation;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Inspection;

/// <summary>At which ports of a role something listens before its services do.</summary>
internal static class ListeningPorts
{
    /// <summary>Null where the kernel does not say.</summary>
    public static IReadOnlyList<RolePort>? Taken(IEnumerable<RolePort> wanted, IPAddress own)
    {
        try
        {
            IPGlobalProperties kernel = IPGlobalProperties.GetIPGlobalProperties();
            return Taken(wanted, own, kernel.GetActiveTcpListeners(), kernel.GetActiveUdpListeners());
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Of loopback addresses resolved has one for each machine, 127.0.0.53, at a port that workers give to pods by
    /// another: they are in nobody's way.
    /// </summary>
    public static IReadOnlyList<RolePort> Taken(
        IEnumerable<RolePort> wanted, IPAddress own, IEnumerable<IPEndPoint> tcp, IEnumerable<IPEndPoint> udp)
    {
        HashSet<(int, string)> taken =
        [
            .. tcp.Where(IsInTheWay).Select(place => (place.Port, "tcp")),
            .. udp.Where(IsInTheWay).Select(place => (place.Port, "udp")),
        ];
        return [.. wanted.Distinct().Where(port => taken.Contains((port.Number, port.Protocol)))];

        bool IsInTheWay(IPEndPoint place) =>
            place.Address.Equals(IPAddress.Any) || place.Address.Equals(IPAddress.IPv6Any)
            || place.Address.Equals(own) || place.Address.Equals(own.MapToIPv6());
    }
}
