using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Images.Formats;
using Images.NodeConfig.Ssh;

namespace Images.Baker.Ssh;

/// <summary>Asks a machine for its host keys, over TLS; whoever is no machine of the cluster is not heard.</summary>
internal sealed class HostKeyClient(ClusterTrust trust, TimeSpan patience, int port = HostKeyWord.Port)
{
    /// <summary>As for ssh: an emulated machine is slow.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(20);

    /// <param name="host">A name or an address.</param>
    /// <param name="role">As what it must prove itself.</param>
    /// <exception cref="BakeException">
    /// It does not answer, is another's, or says nothing that is understood.
    /// </exception>
    public async Task<HostKeyWord> AskAsync(string host, NodeRole role, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        string? refusal = null;
        try
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            SslStream stream = new(new NetworkStream(socket));
            await using (stream.ConfigureAwait(false))
            {
                SslClientAuthenticationOptions options = trust.ForClient(host, role, fault => refusal = fault);
                await stream.AuthenticateAsClientAsync(options, limit.Token).ConfigureAwait(false);
                return await ReadAsync(stream, host, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (refusal is not null && e is AuthenticationException or IOException)
        {
            throw new BakeException(
                "BAKE0968", host, $"is not believed: {refusal}.",
                "See that this is the machine's address or name, and --secrets its cluster's folder. If both are "
                    + "right, somebody else answers in its place: do not log in.", BakeFault.Source, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(host, $"no answer within {patience.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException
            or MalformedDataException or ArgumentException)
        {
            throw Silent(host, e is MalformedDataException malformed ? malformed.Rule : e.Message, e);
        }
    }

    private static async Task<HostKeyWord> ReadAsync(
        SslStream stream, string host, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[HostKeyWord.MaximumBytes + 1];
        int count = await stream.ReadAtLeastAsync(
            buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return count == 0 ? throw new MalformedDataException(host, -1, "it has no host keys yet")
            : count > HostKeyWord.MaximumBytes
                ? throw new MalformedDataException(host, -1, $"it says more than {HostKeyWord.MaximumBytes} bytes")
            : HostKeyWord.FromJson(buffer.AsSpan(0, count), host);
    }

    private static BakeException Silent(string host, string why, Exception inner) => new(
        "BAKE0967", host, $"does not say its host keys: {why.TrimEnd('.')}.",
        $"See that it runs and that its port {HostKeyWord.Port} is reached from here. Where its image is of before "
            + "this port, give --known-hosts.", BakeFault.Source, inner);
}
