using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.NodeConfig;

namespace Images.Baker.Pki;

/// <summary>
/// Makes authorities: ECDSA P-256, self-signed, allowed to sign leaf certificates only (RFC 5280, 4.2.1.9).
/// </summary>
internal static class AuthorityMint
{
    public static readonly TimeSpan Validity = TimeSpan.FromDays(3653);

    /// <summary>Machines whose clock runs a little behind accept a certificate all the same.</summary>
    public static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    public static CertificateAuthority Create(string cluster, string name, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={cluster} {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Backdating, now + Validity,
            CertificateSerial.Next());
        return new CertificateAuthority
        {
            Name = name,
            Certificate = certificate.ExportCertificatePem() + "\n",
            Key = new Secret(key.ExportPkcs8PrivateKeyPem() + "\n"),
        };
    }

    /// <summary>Whether the texts are a certificate and its key.</summary>
    public static bool BelongTogether(string certificate, Secret key)
    {
        try
        {
            using X509Certificate2 parsed = X509Certificate2.CreateFromPem(certificate, key.Reveal());
            return parsed.HasPrivateKey;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
