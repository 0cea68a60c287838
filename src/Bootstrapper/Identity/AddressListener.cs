using System.Net;
using System.Net.Sockets;

namespace Images.Bootstrapper.Identity;

/// <summary>Listens at this machine's address, which may come with the network, later than this program.</summary>
internal static class AddressListener
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public static async Task<TcpListener> StartAsync(
        IPEndPoint endPoint, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            TcpListener listener = new(endPoint);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException e)
                when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
                await Task.Delay(_pause, time, cancellationToken);
            }
        }
    }
}
