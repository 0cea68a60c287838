using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>Signs a leaf certificate (RFC 5280): the plan's names, backdated, never outliving its authority.</summary>
internal static class CertificateMint
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private const int SerialBytes = 16;

    public static X509Certificate2 Sign(
        CertificatePlan plan, ECDsa key, X509Certificate2 authority, CertificateLife life, DateTimeOffset now)
    {
        CertificateRequest request = new(Subject(plan), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Usages(plan.Usage), critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (plan.DnsNames.Count + plan.Addresses.Count > 0)
        {
            request.CertificateExtensions.Add(Names(plan));
        }

        return request.Create(
            authority,
            Later(now - life.Backdating, new DateTimeOffset(authority.NotBefore)),
            Earlier(now + life.Validity, new DateTimeOffset(authority.NotAfter)),
            Serial());
    }

    public static X500DistinguishedName Subject(CertificatePlan plan)
    {
        X500DistinguishedNameBuilder name = new();
        if (plan.Organization is string organization)
        {
            name.AddOrganizationName(organization);
        }

        name.AddCommonName(plan.CommonName);
        return name.Build();
    }

    private static OidCollection Usages(CertificateUsage usage)
    {
        OidCollection usages = [];
        if (usage.HasFlag(CertificateUsage.Server))
        {
            usages.Add(new Oid(ServerUsage));
        }

        if (usage.HasFlag(CertificateUsage.Client))
        {
            usages.Add(new Oid(ClientUsage));
        }

        return usages;
    }

    private static X509Extension Names(CertificatePlan plan)
    {
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in plan.DnsNames)
        {
            names.AddDnsName(name);
        }

        foreach (string address in plan.Addresses)
        {
            names.AddIpAddress(IPAddress.Parse(address));
        }

        return names.Build();
    }

    private static DateTimeOffset Later(DateTimeOffset wanted, DateTimeOffset bound) => wanted > bound ? wanted : bound;

    private static DateTimeOffset Earlier(DateTimeOffset wanted, DateTimeOffset bound) =>
        wanted < bound ? wanted : bound;

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        BinaryPrimitives.WriteUInt16BigEndian(
            serial, (ushort)((BinaryPrimitives.ReadUInt16BigEndian(serial) & 0x7FFF) | 0x4000));
        return serial;
    }
}
