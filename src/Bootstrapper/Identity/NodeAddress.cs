using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Identity;

/// <summary>The address under which peers reach this machine.</summary>
/// <param name="console">Told what is waited for.</param>
/// <param name="ofDefaultRoute">The address by the default route; null when there is none.</param>
/// <param name="carried">What the interfaces carry.</param>
internal sealed class NodeAddress(
    NodeConsole console, Func<IPAddress?> ofDefaultRoute,
    Func<IReadOnlyList<InterfaceAddress>> carried, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _firstReport = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the kernel would send from by the default route; null when there is none. No packet is sent.
    /// </summary>
    public static IPAddress? OfDefaultRoute()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(IPAddress.Parse("192.0.2.1"), 9); // TEST-NET-1 (RFC 5737): reached by the default route only
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>
    /// The given address as soon as an interface carries it; none given, that of the default route as soon
    /// as there is one.
    /// </summary>
    public async Task<IPAddress> WaitAsync(IPAddress? given, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        TimeSpan nextReport = _firstReport;
        while (true)
        {
            (IPAddress? address, string reason) = Look(given);
            if (address is not null)
            {
                return address;
            }

            TimeSpan elapsed = time.GetElapsedTime(started);
            if (elapsed >= nextReport)
            {
                nextReport = elapsed + WaitReport.Interval;
                console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"waiting for {given?.ToString() ?? "an address"} since {(int)elapsed.TotalSeconds} s; {reason}"));
            }

            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>
    /// Peers and certificates build on the address, so one that no interface carries is waited for here and not
    /// by each service.
    /// </summary>
    private (IPAddress? Address, string Reason) Look(IPAddress? given)
    {
        if (given is null)
        {
            return ofDefaultRoute() switch
            {
                null => (null, WhyNone()),
                { } found when IsLinkLocal(found) => (
                    null,
                    $"the default route leads from {found}, which a machine gives itself where no DHCP server answers: "
                        + "peers cannot count on it. If it is meant, give it as node.address"),
                { } found => (found, ""),
            };
        }

        IReadOnlyList<InterfaceAddress> addresses = carried();
        return addresses.Any(item => item.Address.Equals(given))
            ? (given, "")
            : (
                null,
                "the metadata gives it as node.address and no interface carries it: "
                    + InterfaceAddress.Describe(addresses));
    }

    /// <summary>169.254.0.0/16 (RFC 3927).</summary>
    private static bool IsLinkLocal(IPAddress address) => address.GetAddressBytes() is [169, 254, _, _];

    private string WhyNone()
    {
        IReadOnlyList<InterfaceAddress> others =
            [.. carried().Where(item => item.Address.AddressFamily == AddressFamily.InterNetworkV6)];
        return "no interface has an IPv4 default route, and the metadata gives no node.address"
            + (others.Count == 0 ? "" : $"; IPv6 is not supported yet ({InterfaceAddress.Describe(others)})");
    }
}
