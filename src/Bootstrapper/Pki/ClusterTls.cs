using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>This machine as a client of the cluster's servers: it believes the authorities of its metadata.</summary>
internal sealed class ClusterTls(NodeRoot root, NodeState state, TimeProvider clock)
{
    /// <param name="host">The name or address that the server's certificate must bear.</param>
    /// <param name="authority">The authority that it must come from.</param>
    /// <param name="certificate">To be shown; null for none.</param>
    public SslClientAuthenticationOptions ForClient(string host, string authority, X509Certificate2? certificate)
    {
        X509ChainPolicy policy = ChainTrust.For(ChainTrust.ServerUsage, clock, ClockFloor.Read(root));
        foreach (ClusterAuthority known in state.Metadata.Node.Secrets[authority])
        {
            policy.CustomTrustStore.ImportFromPem(known.Certificate);
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = policy,
        };
    }

    /// <summary>A certificate that this machine has minted for itself, as it lies on disk now.</summary>
    /// <param name="name">One of <see cref="CertificateCatalogue"/>.</param>
    /// <exception cref="IOException">The files are not there (yet) or hold no certificate and key.</exception>
    public X509Certificate2 Own(string name)
    {
        CertificatePlan plan = CertificateCatalogue.Find(name, state);
        return Load(root[plan.Path + ".crt"], root[plan.Path + ".key"]);
    }

    /// <exception cref="IOException">The files are not there (yet) or hold no certificate and key.</exception>
    public static X509Certificate2 Load(string certificatePath, string keyPath)
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
}
