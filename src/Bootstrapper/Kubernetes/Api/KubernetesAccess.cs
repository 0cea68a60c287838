using System.Net.Security;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// One server and one identity, whose certificate is read from disk for each new client, for it may have been renewed.
/// </summary>
/// <param name="server">For example <c>https://127.0.0.1:6443</c>.</param>
/// <param name="tls">Whom to believe and what to show, given the server's name or address.</param>
internal sealed class KubernetesAccess(string server, Func<string, SslClientAuthenticationOptions> tls)
{
    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    public KubernetesClient Connect() => new(server, tls(new Uri(server).Host.Trim('[', ']')));
}
