using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.NodeConfig;

namespace Images.Baker.Pki;

/// <summary>
/// A person's client certificate (RFC 5280): the common name is the user, each organisation a group of Kubernetes.
/// </summary>
internal sealed record AdministratorCertificate
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM, PKCS#8.</summary>
    public required Secret Key { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <param name="authority">Signs it.</param>
    /// <param name="user">The common name.</param>
    /// <param name="groups">The organisations.</param>
    /// <param name="now">It is valid from a little earlier, as far as the authority is.</param>
    /// <param name="expires">Not after the authority's own end.</param>
    public static AdministratorCertificate Mint(
        CertificateAuthority authority, string user, IEnumerable<string> groups, DateTimeOffset now,
        DateTimeOffset expires)
    {
        using X509Certificate2 issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key.Reveal());
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(NameOf(user, groups), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUsage)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        DateTimeOffset begins = new[] { now - AuthorityMint.Backdating, new DateTimeOffset(issuer.NotBefore) }.Max();
        using X509Certificate2 certificate = request.Create(issuer, begins, expires, CertificateSerial.Next());
        return new AdministratorCertificate
        {
            Certificate = certificate.ExportCertificatePem() + "\n",
            Key = new Secret(key.ExportPkcs8PrivateKeyPem() + "\n"),
            Expires = new DateTimeOffset(certificate.NotAfter),
        };
    }

    /// <summary>When the authority's certificate ends.</summary>
    public static DateTimeOffset EndOf(CertificateAuthority authority)
    {
        using X509Certificate2 issuer = X509Certificate2.CreateFromPem(authority.Certificate);
        return new DateTimeOffset(issuer.NotAfter);
    }

    // the builder encodes last what was added first
    private static X500DistinguishedName NameOf(string user, IEnumerable<string> groups)
    {
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName(user);
        foreach (string group in groups.Reverse())
        {
            name.AddOrganizationName(group);
        }

        return name.Build();
    }
}
