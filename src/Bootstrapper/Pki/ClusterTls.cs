using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>This machine as a client of the cluster's servers: it believes the authorities of its metadata.</summary>
internal sealed class ClusterTls(NodeRoot root, NodeState state, TimeProvider clock)
{
    /// <param name="host">The name or address that the server's certificate must bear.</param>
    /// <param name="authority">The authority that it must come from.</param>
    /// <param name="certificate">To be shown; null for none.</param>
    /// <param name="refused">Told why a server's certificate is not accepted.</param>
    public SslClientAuthenticationOptions ForClient(
        string host, string authority, X509Certificate2? certificate, Action<ServerRefusal>? refused = null) => new()
        {
            TargetHost = host,
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = Policy(ChainTrust.ServerUsage, authority),
            RemoteCertificateValidationCallback = refused is null ? null : (_, shown, chain, errors) =>
            {
                if (errors != SslPolicyErrors.None)
                {
                    refused(ServerRefusal.Of(errors, host, shown as X509Certificate2, chain));
                }

                return errors == SslPolicyErrors.None;
            },
        };

    /// <summary>
    /// Whether a client's certificate, whatever its time, comes from an authority that the metadata names still.
    /// </summary>
    public bool IsOf(string authority, X509Certificate2 certificate)
    {
        using X509Chain chain = new() { ChainPolicy = Policy(ChainTrust.ClientUsage, authority) };
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
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
        catch (Exception e)
            when (e is CryptographicException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{certificatePath}: {FaultText.Of(e)}", e);
        }
    }

    private X509ChainPolicy Policy(string usage, string authority)
    {
        X509ChainPolicy policy = ChainTrust.For(usage, clock, ClockFloor.Read(root));
        foreach (ClusterAuthority known in state.Metadata.Node.Secrets[authority])
        {
            policy.CustomTrustStore.ImportFromPem(known.Certificate);
        }

        return policy;
    }
}
