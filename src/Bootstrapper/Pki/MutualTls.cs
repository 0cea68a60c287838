using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Both sides of a connection show a certificate of one authority. Read from disk anew for each connection, so that a renewal counts at once.
/// </summary>
internal sealed class MutualTls(string certificatePath, string keyPath, string authoritiesPath, TimeProvider clock, DateTimeOffset clockFloor)
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    public SslServerAuthenticationOptions ForServer() => new()
    {
        ServerCertificate = Certificate(),
        ClientCertificateRequired = true,
        CertificateChainPolicy = Policy(ClientUsage),
    };

    /// <param name="host">The name or address that the server's certificate must bear.</param>
    public SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [Certificate()],
        CertificateChainPolicy = Policy(ServerUsage),
    };

    /// <exception cref="IOException">The files are not there (yet) or hold no certificate and key.</exception>
    private X509Certificate2 Certificate()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{certificatePath}: {e.Message}", e);
        }
    }

    private X509ChainPolicy Policy(string usage)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = (clock.GetUtcNow() is DateTimeOffset now && now > clockFloor ? now : clockFloor).UtcDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(usage));
        policy.CustomTrustStore.ImportFromPemFile(authoritiesPath);
        return policy;
    }
}
