using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>One server and one identity, whose certificate is read from disk for each new client.</summary>
internal sealed class KubernetesAccess(string server, MutualTls tls)
{
    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    public KubernetesClient Connect() => new(server, tls.ForClient(new Uri(server).Host.Trim('[', ']')));
}
