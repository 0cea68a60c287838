using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>Asks machines as which node they ask for a certificate.</summary>
internal sealed class CsrClaimClient(int port = CsrClaim.Port)
{
    private const int MaxBytes = 4096;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Those of the addresses where a machine claims this name with this key, in the given order.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(
        IReadOnlyList<string> addresses, string node, string keyDigest, CancellationToken cancellationToken)
    {
        CsrClaim?[] claims = await Task.WhenAll(addresses.Select(address => AskAsync(address, cancellationToken)));
        return [.. addresses.Where((_, index) => claims[index] is CsrClaim claim
            && claim.Node == node
            && claim.Keys.Contains(keyDigest, StringComparer.Ordinal))];
    }

    /// <summary>Null where nobody answers, or nothing that can be understood.</summary>
    private async Task<CsrClaim?> AskAsync(string address, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            using TcpClient client = new(IPAddress.Parse(address).AddressFamily);
            await client.ConnectAsync(IPAddress.Parse(address), port, limit.Token);
            byte[] buffer = new byte[MaxBytes];
            int count = await client.GetStream()
                .ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token);
            return JsonSerializer.Deserialize(buffer.AsSpan(0, count), CsrClaimJson.Default.CsrClaim);
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
