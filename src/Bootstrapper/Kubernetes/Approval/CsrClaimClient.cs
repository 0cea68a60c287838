using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>Asks machines as which node they ask for a certificate.</summary>
internal sealed class CsrClaimClient(int port = CsrClaim.Port)
{
    /// <summary>
    /// Kubernetes is made for as many Nodes (https://kubernetes.io/docs/setup/best-practices/cluster-large/); what DNS
    /// names beyond is not asked.
    /// </summary>
    public const int MostAddresses = 5000;

    private const int AtOnce = 250;
    private const int MaxBytes = 4096;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Each address once.</summary>
    public async Task<CsrClaims> AskAsync(IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        List<(string, CsrClaim)> said = [];
        foreach (string[] some in addresses.Take(MostAddresses).Chunk(AtOnce))
        {
            CsrClaim?[] claims = await Task.WhenAll(some.Select(address => AskAsync(address, cancellationToken)));
            said.AddRange(some.Zip(claims)
                .Where(pair => pair.Second is not null)
                .Select(pair => (pair.First, pair.Second!)));
        }

        return new CsrClaims(said);
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
            return ForeignJson.Deserialize(buffer.AsSpan(0, count), CsrClaimJson.Default.CsrClaim);
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
