using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.HostKeys;

/// <summary>
/// Tells whoever connects this machine's host keys for ssh, over TLS, and ends the connection. Nothing is read but the
/// TLS itself; the name that the client gives there is a role, by whose certificate it wants to know the machine.
/// </summary>
/// <param name="endPoint">This machine's address.</param>
/// <param name="certificate">
/// For a role, or for none. An <see cref="IOException"/> says that there is none (yet).
/// </param>
/// <param name="word">What is said: a line of JSON. An <see cref="IOException"/> as above.</param>
internal sealed class HostKeyServer(
    IPEndPoint endPoint, Func<string?, X509Certificate2> certificate, Func<byte[]> word, ConnectionLimits limits)
{
    public Task RunAsync(CancellationToken cancellationToken) =>
        new TlsListener(endPoint, Options, limits, SayAsync).RunAsync(cancellationToken);

    private SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateSelectionCallback = (_, role) => certificate(role),
    };

    private async Task SayAsync(SslStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(word(), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }
}
