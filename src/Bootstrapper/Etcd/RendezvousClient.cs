using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>Asks another machine at its rendezvous port, as a holder of an etcd-peer certificate.</summary>
internal sealed class RendezvousClient(MutualTls tls, int port = EtcdPaths.RendezvousPort)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<RendezvousAnswer> AskAsync(
        string address, RendezvousRequest request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Parse(address), port, limit.Token);
            await using SslStream stream = new(new NetworkStream(socket));
            await stream.AuthenticateAsClientAsync(tls.ForClient(address), limit.Token);
            await RendezvousWire.SendAsync(stream, request, EtcdJson.Default.RendezvousRequest, limit.Token);
            return new RendezvousAnswer
            {
                Reply = await RendezvousWire.ReceiveAsync(stream, EtcdJson.Default.RendezvousReply, limit.Token),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RendezvousAnswer.Failed("no answer in time");
        }
        catch (SocketException e)
        {
            return RendezvousAnswer.Failed(e.SocketErrorCode == SocketError.ConnectionRefused
                ? "not listening yet"
                : $"not reachable ({FaultText.Of(e)})");
        }
        catch (AuthenticationException)
        {
            return RendezvousAnswer.Failed(
                "its certificate is not of this cluster's etcd-peer authority, or its clock differs");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return RendezvousAnswer.Failed(FaultText.Of(e));
        }
    }
}
