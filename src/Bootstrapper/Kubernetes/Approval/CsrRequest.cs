using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// A CertificateSigningRequest as far as a decision needs it: who asks, for what, and what stands in the PKCS#10
/// request (RFC 2986).
/// </summary>
internal sealed record CsrRequest
{
    public const string ClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string ServingSigner = "kubernetes.io/kubelet-serving";

    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";
    private const string AlternativeNamesOid = "2.5.29.17";
    private static readonly Asn1Tag _dnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag _address = new(TagClass.ContextSpecific, 7);

    public required string Name { get; init; }

    public required string Signer { get; init; }

    public required string User { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }

    public required IReadOnlyList<string> Usages { get; init; }

    /// <summary>Approved, denied or failed: nothing is left to decide.</summary>
    public required bool IsDecided { get; init; }

    /// <summary>Null when it is not.</summary>
    public required DateTimeOffset? ApprovedAt { get; init; }

    public required string CommonName { get; init; }

    public required IReadOnlyList<string> Organizations { get; init; }

    public required IReadOnlyList<string> DnsNames { get; init; }

    /// <summary>In canonical form.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Parts of the subject or kinds of names that a kubelet never asks for, in words.</summary>
    public required IReadOnlyList<string> Oddities { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo in lower-case hexadecimal.</summary>
    public required string KeyDigest { get; init; }

    public static bool IsForKubelets(KubernetesObject item) =>
        item.Text("spec", "signerName") is ClientSigner or ServingSigner;

    /// <exception cref="InvalidDataException">
    /// The request in it cannot be read, or its signature is not by its own key.
    /// </exception>
    public static CsrRequest Read(KubernetesObject item)
    {
        CertificateRequest request = Load(item.Text("spec", "request"));
        List<string> oddities = [];
        (List<string> names, List<string> organizations) = ReadSubject(request.SubjectName, oddities);
        (List<string> dnsNames, List<string> addresses) = ReadAlternativeNames(request, oddities);
        return new CsrRequest
        {
            Name = item.Name,
            Signer = item.Text("spec", "signerName"),
            User = item.Text("spec", "username"),
            Groups = item.Texts("spec", "groups"),
            Usages = item.Texts("spec", "usages"),
            IsDecided = item.Items("status", "conditions").Count > 0,
            ApprovedAt = item.Items("status", "conditions")
                .FirstOrDefault(condition => condition.Text("type") == "Approved")
                ?.Moment("lastUpdateTime"),
            CommonName = names is [string name] ? name : "",
            Organizations = organizations,
            DnsNames = dnsNames,
            Addresses = addresses,
            Oddities = oddities,
            KeyDigest = Convert.ToHexStringLower(SHA256.HashData(request.PublicKey.ExportSubjectPublicKeyInfo())),
        };
    }

    private static CertificateRequest Load(string base64)
    {
        try
        {
            return CertificateRequest.LoadSigningRequestPem(
                Encoding.UTF8.GetString(Convert.FromBase64String(base64)), HashAlgorithmName.SHA256,
                CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception e)
            when (e is FormatException or CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"its request cannot be read ({e.Message})", e);
        }
    }

    private static (List<string> Names, List<string> Organizations) ReadSubject(
        X500DistinguishedName subject, List<string> oddities)
    {
        List<string> names = [];
        List<string> organizations = [];
        foreach (X500RelativeDistinguishedName part in subject.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            string? type = part.HasMultipleElements ? null : part.GetSingleElementType().Value;
            if (type == CommonNameOid)
            {
                names.Add(part.GetSingleElementValue() ?? "");
            }
            else if (type == OrganizationOid)
            {
                organizations.Add(part.GetSingleElementValue() ?? "");
            }
            else
            {
                oddities.Add($"the subject part {type ?? "of several elements"}");
            }
        }

        if (names.Count != 1)
        {
            oddities.Add($"{names.Count} common names");
        }

        return (names, organizations);
    }

    private static (List<string> DnsNames, List<string> Addresses) ReadAlternativeNames(
        CertificateRequest request, List<string> oddities)
    {
        List<string> dnsNames = [];
        List<string> addresses = [];
        foreach (X509Extension extension in request.CertificateExtensions)
        {
            if (extension.Oid?.Value != AlternativeNamesOid)
            {
                oddities.Add($"the extension {extension.Oid?.Value}");
                continue;
            }

            try
            {
                ReadAlternativeNames(extension.RawData, dnsNames, addresses, oddities);
            }
            catch (Exception e) when (e is AsnContentException or ArgumentException)
            {
                throw new InvalidDataException($"its alternative names cannot be read ({e.Message})", e);
            }
        }

        return (dnsNames, addresses);
    }

    /// <summary>GeneralNames of RFC 5280, 4.2.1.6.</summary>
    private static void ReadAlternativeNames(
        byte[] der, List<string> dnsNames, List<string> addresses, List<string> oddities)
    {
        AsnReader names = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            if (tag.HasSameClassAndValue(_dnsName))
            {
                dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, _dnsName));
            }
            else if (tag.HasSameClassAndValue(_address))
            {
                addresses.Add(new IPAddress(names.ReadOctetString(_address)).ToString());
            }
            else
            {
                oddities.Add($"an alternative name of kind {tag.TagValue}");
                names.ReadEncodedValue();
            }
        }
    }
}
