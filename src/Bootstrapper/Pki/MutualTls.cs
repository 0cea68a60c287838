using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Both sides of a connection show a certificate of one authority. Read from disk anew whenever options are asked for;
/// who keeps connections asks after some minutes (<see cref="KeptConnections"/>).
/// </summary>
internal sealed class MutualTls(
    string certificatePath, string keyPath, string authoritiesPath, TimeProvider clock, DateTimeOffset clockFloor)
{
    public SslServerAuthenticationOptions ForServer() => new()
    {
        ServerCertificate = ClusterTls.Load(certificatePath, keyPath),
        ClientCertificateRequired = true,
        CertificateChainPolicy = Policy(ChainTrust.ClientUsage),
    };

    /// <param name="host">The name or address that the server's certificate must bear.</param>
    /// <exception cref="IOException">The files are not there (yet) or hold no certificate and key.</exception>
    public SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [ClusterTls.Load(certificatePath, keyPath)],
        CertificateChainPolicy = Policy(ChainTrust.ServerUsage),
    };

    private X509ChainPolicy Policy(string usage)
    {
        X509ChainPolicy policy = ChainTrust.For(usage, clock, clockFloor);
        policy.CustomTrustStore.ImportFromPemFile(authoritiesPath);
        return policy;
    }
}
