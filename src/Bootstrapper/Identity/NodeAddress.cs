using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Identity;

/// <summary>The address under which peers reach this machine.</summary>
internal sealed class NodeAddress(NodeConsole console, Func<IPAddress?> ofDefaultRoute, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _firstReport = TimeSpan.FromSeconds(10);

    /// <summary>What the kernel would send from by the default route; null when there is none. No packet is sent.</summary>
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

    /// <summary>The given address, or else that of the default route, as soon as there is one.</summary>
    public async Task<IPAddress> WaitAsync(IPAddress? given, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        TimeSpan nextReport = _firstReport;
        while (true)
        {
            if ((given ?? ofDefaultRoute()) is { } address)
            {
                return address;
            }

            TimeSpan elapsed = time.GetElapsedTime(started);
            if (elapsed >= nextReport)
            {
                nextReport = elapsed + WaitReport.Interval;
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"waiting for an address since {(int)elapsed.TotalSeconds} s; no interface has a default route, and the metadata gives no node.address"));
            }

            await Task.Delay(_pause, time, cancellationToken);
        }
    }
}
