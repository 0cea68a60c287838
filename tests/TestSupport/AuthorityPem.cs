using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.TestSupport;

/// <summary>An authority as metadata carries it: certificate and key as PEM. Two of them never fit together.</summary>
public sealed record AuthorityPem(string Certificate, string Key)
{
    public static AuthorityPem Create(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Create(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), key.ExportPkcs8PrivateKeyPem());
    }

    public static AuthorityPem CreateRsa(string name)
    {
        using RSA key = RSA.Create(2048);
        return Create(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A YAML flow list with this one authority.</summary>
    public string ToYaml() => $$"""[{ certificate: "{{Escape(Certificate)}}", key: "{{Escape(Key)}}" }]""";

    private static AuthorityPem Create(CertificateRequest request, string key)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new AuthorityPem(certificate.ExportCertificatePem() + "\n", key + "\n");
    }

    private static string Escape(string pem) => pem.Replace("\n", "\\n", StringComparison.Ordinal);
}
