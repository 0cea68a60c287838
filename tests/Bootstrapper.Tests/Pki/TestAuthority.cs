using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Tests.Pki;

/// <summary>Authorities as a seed would bring them.</summary>
internal static class TestAuthority
{
    public static ClusterAuthority Create(string name, DateTimeOffset begins, int days = 3650)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=demo {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(begins, begins.AddDays(days));
        return new ClusterAuthority
        {
            Certificate = certificate.ExportCertificatePem() + "\n",
            Key = new Secret(key.ExportPkcs8PrivateKeyPem() + "\n"),
        };
    }

    public static ClusterSecrets Secrets(string name, params ClusterAuthority[] authorities) => new()
    {
        Authorities = new Dictionary<string, IReadOnlyList<ClusterAuthority>>(StringComparer.Ordinal) { [name] = authorities },
    };
}
