using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Answers other machines for as long as this one is up; the word it gives is on disk before it is sent.
/// </summary>
internal sealed class RendezvousServer(
    IPEndPoint endPoint, MutualTls tls, EtcdRecordStore store,
    Func<EtcdRecord, PeerStatus> describe, RendezvousLimits limits)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly RendezvousPlaces _places = new(limits);

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
            await stream.AuthenticateAsServerAsync(tls.ForServer(), limit.Token);
            RendezvousRequest request = await RendezvousWire.ReceiveAsync(
                stream, EtcdJson.Default.RendezvousRequest, limit.Token);
            await RendezvousWire.SendAsync(stream, Answer(request), EtcdJson.Default.RendezvousReply, limit.Token);
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
