using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Kubernetes.Access;

/// <summary>
/// A client of the group system:masters, for what no other user may do yet: a new cluster has no rule that lets anybody
/// in. Its certificate is signed here with the authority that a master holds anyway, lives for minutes within the
/// authority's life, and is never written to disk.
/// </summary>
/// <param name="server">This machine's own API server.</param>
/// <param name="authority">The authority kubernetes with its key.</param>
/// <param name="tls">Whom to believe; what it would show is replaced.</param>
/// <param name="now">The time that counts for certificates.</param>
internal sealed class AdministratorAccess(
    string server, ClusterAuthority authority, Func<SslClientAuthenticationOptions> tls, Func<DateTimeOffset> now)
{
    private static readonly TimeSpan _backdating = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _validity = TimeSpan.FromMinutes(10);

    public KubernetesClient Connect()
    {
        SslClientAuthenticationOptions options = tls();
        options.ClientCertificates = [Sign()];
        return new KubernetesClient(server, options);
    }

    private X509Certificate2 Sign()
    {
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key!.Reveal());
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(
            new X500DistinguishedName("O=system:masters, CN=images:first-steps"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            signer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        DateTimeOffset moment = now();
        DateTimeOffset[] begins = [moment - _backdating, new(signer.NotBefore)],
            ends = [moment + _validity, new(signer.NotAfter)];
        using X509Certificate2 signed = request.Create(signer, begins.Max(), ends.Min(), serial);
        return signed.CopyWithPrivateKey(key);
    }
}
