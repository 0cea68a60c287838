using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Tells whoever connects as which node this machine asks for its first certificate, and with which key. A machine that
/// has nothing but a token proves so that the request comes from its address. Nothing is read from the connection, and
/// nothing secret is said.
/// </summary>
/// <param name="endPoint">The node's address and <see cref="CsrClaim.Port"/>.</param>
/// <param name="node">The name the kubelet asks for.</param>
/// <param name="keyPath">
/// Where the kubelet keeps its key until the request is approved: kubelet-client.key.tmp of its certificate folder.
/// </param>
internal sealed class CsrClaimServer(IPEndPoint endPoint, string node, string keyPath, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = await AddressListener.StartAsync(endPoint, time, cancellationToken);
        while (true)
        {
            try
            {
                using Socket socket = await listener.AcceptSocketAsync(cancellationToken);
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
                    cancellationToken);
                limit.CancelAfter(_patience);
                await socket.SendAsync(Say(), limit.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                await Task.Delay(_pause, time, cancellationToken); // the other side went away, or no more descriptors
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // a slow reader; the next one waits for it no longer
            }
        }
    }

    private byte[] Say() =>
        JsonSerializer.SerializeToUtf8Bytes(new CsrClaim { Node = node, Keys = Keys() }, CsrClaimJson.Default.CsrClaim);

    private string[] Keys()
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(keyPath));
            return [Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))];
        }
        catch (Exception e) when (e is IOException or CryptographicException or ArgumentException)
        {
            return []; // no request is under way, or the key is being written
        }
    }
}
