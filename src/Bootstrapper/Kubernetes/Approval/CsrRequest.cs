using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// A CertificateSigningRequest as far as a decision needs it: who asks, for what, and what stands in the PKCS#10
/// request (RFC 2986).
/// </summary>
internal sealed record CsrRequest
{
    /// <summary>
    /// Whoever holds a token may make requests with much in them. Of each is kept what a decision needs, and a page is
    /// small enough that one of the largest (1.5 MiB in etcd, six times that in JSON) can be read.
    /// </summary>
    public static readonly KubernetesResource Resource =
        KubernetesResource.CertificateSigningRequests with { PageSize = 5, Keep = Slim };

    public const string ClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string ServingSigner = "kubernetes.io/kubelet-serving";

    /// <summary>Those of kubelets have some hundred; one with an RSA key of 8192 bits some thousand.</summary>
    public const int MaxBase64Characters = 16 * 1024;

    /// <summary>No kubelet's request has more usages, nor its user more groups.</summary>
    private const int MostListed = 32;

    /// <summary>Of a user's, a group's or a condition's text.</summary>
    public const int LongestText = 512;

    /// <summary>Where a slim one says what <see cref="HoldsBallast"/> found in the whole.</summary>
    private const string Ballast = "ballast";

    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";
    private const string AlternativeNamesOid = "2.5.29.17";
    private static readonly string[] _unasked = ["annotations", "labels", "finalizers", "ownerReferences"];
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

    /// <summary>
    /// Whether it holds what no kubelet's request does and what takes room, or keeps it from being removed.
    /// </summary>
    public static bool HoldsBallast(KubernetesObject item) =>
        item.Flag("metadata", Ballast)
            || item.Text("spec", "request").Length > MaxBase64Characters
            || item.Json["metadata"] is JsonObject metadata
                && Array.Exists(
                    _unasked, name => metadata[name] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 });

    /// <summary>Made of new texts: a part of what was parsed would hold the whole page in memory.</summary>
    public static KubernetesObject Slim(KubernetesObject item) => new(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = item.Name,
            ["resourceVersion"] = item.ResourceVersion,
            ["creationTimestamp"] = item.Text("metadata", "creationTimestamp"),
            [Ballast] = HoldsBallast(item),
        },
        ["spec"] = new JsonObject
        {
            ["signerName"] = item.Text("spec", "signerName"),
            ["username"] = item.Text("spec", "username"),
            ["groups"] = List(item.Texts("spec", "groups")),
            ["usages"] = List(item.Texts("spec", "usages")),
            ["request"] = Cut(item.Text("spec", "request"), MaxBase64Characters + 1),
        },
        ["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray([.. item.Items("status", "conditions").Take(MostListed).Select(condition =>
                new JsonObject
                {
                    ["type"] = condition.Text("type"),
                    ["message"] = Cut(condition.Text("message"), LongestText),
                    ["lastUpdateTime"] = condition.Text("lastUpdateTime"),
                })]),
        },
    });

    /// <summary>What is left out stands there as something that nobody may have: less must not allow more.</summary>
    private static JsonArray List(IReadOnlyList<string> texts) => new(
        [.. texts.Take(MostListed).Select(text => (JsonNode)Cut(text, LongestText)),
            .. texts.Count > MostListed ? [(JsonNode)"and more"] : Array.Empty<JsonNode>()]);

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];

    public static bool IsForKubelets(KubernetesObject item) =>
        item.Text("spec", "signerName") is ClientSigner or ServingSigner;

    /// <summary>Neither approved nor denied, nor has it failed.</summary>
    public static bool IsUndecided(KubernetesObject item) => item.Items("status", "conditions")
        .All(condition => condition.Text("type") == CsrApproval.LeftAlone);

    /// <summary>Null when it is not.</summary>
    public static DateTimeOffset? ApprovedAtOf(KubernetesObject item) => item.Items("status", "conditions")
        .FirstOrDefault(condition => condition.Text("type") == "Approved")
        ?.Moment("lastUpdateTime");

    /// <exception cref="InvalidDataException">
    /// The request in it cannot be read, or its signature is not by its own key. Nothing else leaves it: whoever holds
    /// a token chooses each byte.
    /// </exception>
    public static CsrRequest Read(KubernetesObject item)
    {
        try
        {
            return Read(item, Load(item.Text("spec", "request")));
        }
        catch (Exception e)
            when (e is FormatException or CryptographicException or ArgumentException or NotSupportedException
                or AsnContentException)
        {
            throw new InvalidDataException($"its request cannot be read ({FaultText.Of(e)})", e);
        }
    }

    private static CsrRequest Read(KubernetesObject item, CertificateRequest request)
    {
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
            IsDecided = !IsUndecided(item),
            ApprovedAt = ApprovedAtOf(item),
            CommonName = names is [string name] ? name : "",
            Organizations = organizations,
            DnsNames = dnsNames,
            Addresses = addresses,
            Oddities = oddities,
            KeyDigest = Convert.ToHexStringLower(SHA256.HashData(request.PublicKey.ExportSubjectPublicKeyInfo())),
        };
    }

    private static CertificateRequest Load(string base64) => base64.Length <= MaxBase64Characters
        ? CertificateRequest.LoadSigningRequestPem(
            Encoding.UTF8.GetString(Convert.FromBase64String(base64)), HashAlgorithmName.SHA256,
            CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions)
        : throw new InvalidDataException(
            $"its request is longer than {MaxBase64Characters} characters, and no kubelet's is");

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

            ReadAlternativeNames(extension.RawData, dnsNames, addresses, oddities);
        }

        return (dnsNames, addresses);
    }

    /// <summary>GeneralNames of RFC 5280, 4.2.1.6.</summary>
    private static void ReadAlternativeNames(
        byte[] der, List<string> dnsNames, List<string> addresses, List<string> oddities)
    {
        AsnReader whole = new(der, AsnEncodingRules.DER);
        AsnReader names = whole.ReadSequence();
        whole.ThrowIfNotEmpty(); // whoever signs it may read what stands there
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
