using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Images.Bootstrapper.Pki;

/// <summary>Whether a certificate on disk is still the one that the plan asks for.</summary>
internal static class CertificateCheck
{
    /// <summary>Why a new one is needed, in words; null when this one stays.</summary>
    public static string? Fault(
        X509Certificate2 certificate, CertificatePlan plan, X509Certificate2 authority, ECDsa key, DateTimeOffset now)
    {
        if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan()
            .SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            return "it belonged to another key";
        }

        if (!IsIssuedBy(certificate, authority))
        {
            return "its authority has changed";
        }

        if (!NamesMatch(certificate, plan))
        {
            return "the machine's names have changed";
        }

        DateTimeOffset begins = new(certificate.NotBefore);
        DateTimeOffset ends = new(certificate.NotAfter);
        if (now < begins && begins > new DateTimeOffset(authority.NotBefore))
        {
            return "the clock went back before its beginning";
        }

        return ends - now < (ends - begins) / 3 && !EndsWith(certificate, authority)
            ? "less than a third of its life was left"
            : null;
    }

    /// <summary>By the authority's key identifier, which a new authority of the same name does not share.</summary>
    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        byte[]? wanted = authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>()
            .FirstOrDefault()
            ?.SubjectKeyIdentifierBytes.ToArray();
        byte[]? found = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>()
            .FirstOrDefault()
            ?.KeyIdentifier?.ToArray();
        return certificate.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData)
            && (wanted is null || (found is not null && wanted.AsSpan().SequenceEqual(found)));
    }

    private static bool NamesMatch(X509Certificate2 certificate, CertificatePlan plan)
    {
        X509SubjectAlternativeNameExtension? names =
            certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] found = names is null
            ? []
            : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
        return certificate.SubjectName.RawData.AsSpan().SequenceEqual(CertificateMint.Subject(plan).RawData)
            && found.Order(StringComparer.Ordinal).SequenceEqual(
                plan.DnsNames.Concat(plan.Addresses).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>
    /// A certificate that ends with its authority cannot be made longer by making it again, unless that
    /// has changed too.
    /// </summary>
    private static bool EndsWith(X509Certificate2 certificate, X509Certificate2 authority) =>
        certificate.NotAfter >= authority.NotAfter;
}
