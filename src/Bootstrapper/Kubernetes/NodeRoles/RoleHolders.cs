using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Kubernetes.NodeRoles;

/// <summary>
/// Asks at an address which Nodes may have a role there. Where only machines of the role hold the key of an authority,
/// the certificate of their server says it, which names the machine; elsewhere the machine's own word does.
/// </summary>
/// <param name="servers">The servers of such roles by the role's name.</param>
/// <param name="machines">Asks the others.</param>
internal sealed class RoleHolders(IReadOnlyDictionary<string, RoleServer> servers, CsrClaimClient machines)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Names of Nodes, none of which may be there; null where nobody answers who is to be believed.</summary>
    public async Task<IReadOnlyCollection<string>?> AskAsync(
        string role, string address, CancellationToken cancellationToken)
    {
        if (servers.TryGetValue(role, out RoleServer? server))
        {
            return await AskAsync(server, address, cancellationToken);
        }

        CsrClaims claims = await machines.AskAsync([address], cancellationToken);
        return claims.Said is [(_, CsrClaim claim)] ? [claim.Node] : null;
    }

    private static async Task<IReadOnlyCollection<string>?> AskAsync(
        RoleServer server, string address, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            IPAddress place = IPAddress.Parse(address);
            using TcpClient client = new(place.AddressFamily);
            await client.ConnectAsync(place, server.Port, limit.Token);
            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsClientAsync(server.Tls(address), limit.Token);
            return Names(tls.RemoteCertificate, server.Name);
        }
        catch (Exception e)
            when (e is SocketException or IOException or AuthenticationException or CryptographicException
                or FormatException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Null for a certificate of the same authority that is no server's of the role.</summary>
    private static string[]? Names(X509Certificate? certificate, string required)
    {
        string[] names = certificate is X509Certificate2 shown
            ? [.. shown.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(x => x.EnumerateDnsNames())]
            : [];
        return names.Contains(required, StringComparer.OrdinalIgnoreCase) ? names : null;
    }
}
