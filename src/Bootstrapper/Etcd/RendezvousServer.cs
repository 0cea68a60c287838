using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Etcd;

/// <summary>Answers other machines for as long as this one is up; the word it gives is on disk before it is sent.</summary>
internal sealed class RendezvousServer(
    IPAddress address, MutualTls tls, EtcdRecordStore store, Func<EtcdRecord, PeerStatus> describe, int port = EtcdPaths.RendezvousPort)
{
    private const int ConnectionsAtOnce = 32;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = await ListenAsync(cancellationToken);
        using SemaphoreSlim places = new(ConnectionsAtOnce);
        while (true)
        {
            await places.WaitAsync(cancellationToken);
            Socket socket = await listener.AcceptSocketAsync(cancellationToken);
            _ = ServeAsync(socket, places, cancellationToken);
        }
    }

    /// <summary>The address may come with the network, later than this program.</summary>
    private async Task<TcpListener> ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TcpListener listener = new(address, port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
                await Task.Delay(_pause, cancellationToken);
            }
        }
    }

    private async Task ServeAsync(Socket socket, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            await using SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsServerAsync(tls.ForServer(), limit.Token);
            RendezvousRequest request = await RendezvousWire.ReceiveAsync(stream, EtcdJson.Default.RendezvousRequest, limit.Token);
            await RendezvousWire.SendAsync(stream, Answer(request), EtcdJson.Default.RendezvousReply, limit.Token);
            await stream.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidDataException or OperationCanceledException)
        {
            // whoever asked gets no answer and asks again
        }
        finally
        {
            socket.Dispose();
            places.Release();
        }
    }

    private RendezvousReply Answer(RendezvousRequest request)
    {
        if (request.Void is not EtcdConfiguration configuration)
        {
            return new RendezvousReply { Status = describe(store.Load()) };
        }

        VoidAnswer word = VoidAnswer.Unknown;
        EtcdRecord record = store.Change(before =>
        {
            (word, EtcdRecord after) = RendezvousRule.AnswerVoid(before, configuration, EtcdRecordStore.NewName());
            return after;
        });
        return new RendezvousReply { Status = describe(record), Word = word };
    }
}
