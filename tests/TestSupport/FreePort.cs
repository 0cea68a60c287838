using System.Net;
using System.Net.Sockets;

namespace Images.TestSupport;

/// <summary>A port of 127.0.0.1 that nobody listened on a moment ago.</summary>
public static class FreePort
{
    public static int Next()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
