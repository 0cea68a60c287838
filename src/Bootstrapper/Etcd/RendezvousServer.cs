using System.Net;
using System.Net.Security;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Answers other machines for as long as this one is up; the word it gives is on disk before it is sent.
/// </summary>
internal sealed class RendezvousServer(
    IPEndPoint endPoint, MutualTls tls, EtcdRecordStore store,
    Func<EtcdRecord, PeerStatus> describe, ConnectionLimits limits)
{
    public Task RunAsync(CancellationToken cancellationToken) =>
        new TlsListener(endPoint, tls.ForServer, limits, AnswerAsync).RunAsync(cancellationToken);

    private async Task AnswerAsync(SslStream stream, CancellationToken cancellationToken)
    {
        RendezvousRequest request = await RendezvousWire.ReceiveAsync(
            stream, EtcdJson.Default.RendezvousRequest, cancellationToken);
        await RendezvousWire.SendAsync(stream, Answer(request), EtcdJson.Default.RendezvousReply, cancellationToken);
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
