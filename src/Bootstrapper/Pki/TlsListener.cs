using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// A port of this machine that others reach, over TLS: one short conversation a connection, and no more connections at
/// once than it bears.
/// </summary>
/// <param name="endPoint">May come with the network, later than this program.</param>
/// <param name="options">
/// Asked for each connection: certificates are renewed. An <see cref="IOException"/> ends that connection alone.
/// </param>
/// <param name="talk">The conversation, within the limits' patience.</param>
internal sealed class TlsListener(
    IPEndPoint endPoint, Func<SslServerAuthenticationOptions> options, ConnectionLimits limits,
    Func<SslStream, CancellationToken, Task> talk)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly ConnectionPlaces _places = new(limits);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = await AddressListener.StartAsync(endPoint, TimeProvider.System, cancellationToken);
        while (true)
        {
            try
            {
                Socket socket = await listener.AcceptSocketAsync(cancellationToken);
                _ = ServeAsync(socket, cancellationToken);
            }
            catch (SocketException)
            {
                await Task.Delay(_pause, cancellationToken); // no more descriptors, for one
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(limits.Patience);
        try
        {
            _places.Enter(((IPEndPoint)socket.RemoteEndPoint!).Address, socket);
            // no certificate is read for one that says nothing
            await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, limit.Token);
            await using SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsServerAsync(options(), limit.Token);
            await talk(stream, limit.Token);
            await stream.ShutdownAsync();
        }
        catch (Exception e)
            when (e is IOException or SocketException or AuthenticationException or InvalidDataException
                or OperationCanceledException or ObjectDisposedException)
        {
            // whoever asked gets no answer and asks again
        }
        finally
        {
            socket.Dispose();
            _places.Leave(socket);
        }
    }
}
