using System.Text;
using System.Text.Json;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Manifest;

/// <summary>
/// The image's bill of materials in SPDX 2.3 JSON (https://spdx.github.io/spdx-spec/v2.3/): the image, which
/// contains its packages (the root's, the initramfs' and the boot loader's), the bootstrapper and Kubernetes, which
/// contain parts of their own and were made with tools. Names of licences come from copyright files and are no SPDX
/// expressions, so they stand in comments.
/// </summary>
internal static class SpdxDocument
{
    /// <summary>What SPDX writes where nothing is claimed.</summary>
    public const string NoAssertion = "NOASSERTION";

    private const string Document = "SPDXRef-DOCUMENT";
    private const string ImageId = "SPDXRef-Image";
    private const string BootstrapperId = "SPDXRef-Bootstrapper";
    private const string KubernetesId = "SPDXRef-Kubernetes";
    /// <param name="packages">Sorted by name.</param>
    /// <param name="licences">Short names of a package's licences.</param>
    /// <param name="bootstrapper">Digest of the program.</param>
    /// <param name="manifest">Digest of manifest.json: makes the document's name unique without chance.</param>
    public static byte[] Write(
        ImageFacts image, IReadOnlyList<InstalledPackage> packages, Func<string, IReadOnlyList<string>> licences,
        Digest bootstrapper, Digest manifest)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, IndentedJson.Options))
        {
            json.WriteStartObject();
            WriteHeader(json, image, manifest);
            json.WriteStartArray("packages");
            WriteImage(json, image);
            WriteBootstrapper(json, image, bootstrapper);
            if (image.Kubernetes is { } kubernetes)
            {
                WriteKubernetes(json, kubernetes);
            }

            foreach (InstalledPackage package in packages)
            {
                WritePackage(json, package, licences(package.Name));
            }

            // what the image holds and was made with too is one package
            HashSet<string> known = new(packages.Select(PackageUrl), StringComparer.Ordinal);
            foreach (SoftwarePart part in PartsOf(image).Where(part => known.Add(part.PackageUrl)))
            {
                WritePart(json, part);
            }

            json.WriteEndArray();
            WriteRelationships(json, image, packages);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteHeader(Utf8JsonWriter json, ImageFacts image, Digest manifest)
    {
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", Document);
        json.WriteString("name", $"{image.Name}_{image.Version}");
        json.WriteString(
            "documentNamespace", $"urn:images:{image.Name}:{Uri.EscapeDataString(image.Version)}:{manifest.Hex}");
        json.WriteStartObject("creationInfo");
        json.WriteString("created", ImageManifest.Time(image.SourceDateUnixSeconds));
        json.WriteStartArray("creators");
        json.WriteStringValue("Tool: images-baker");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("documentDescribes");
        json.WriteStringValue(ImageId);
        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, ImageFacts image)
    {
        StartPackage(json, ImageId, image.Name, image.Version, "OPERATING_SYSTEM");
        json.WriteEndObject();
    }

    private static void WriteBootstrapper(Utf8JsonWriter json, ImageFacts image, Digest digest)
    {
        StartPackage(json, BootstrapperId, "bootstrapper", image.Version, "APPLICATION");
        WriteChecksum(json, digest);
        string tools = string.Join(", ", image.Tools
            .OrderBy(tool => tool.Key, StringComparer.Ordinal)
            .Select(tool => $"{tool.Key} {tool.Value}"));
        json.WriteString("sourceInfo", $"published with {tools}");
        json.WriteEndObject();
    }

    private static void WriteKubernetes(Utf8JsonWriter json, KubernetesFacts kubernetes)
    {
        StartPackage(json, KubernetesId, "kubernetes", kubernetes.Version, "APPLICATION");
        string inputs = string.Join(", ", kubernetes.Inputs
            .OrderBy(input => input.Key, StringComparer.Ordinal)
            .Select(input => $"{input.Key} {input.Value}"));
        string changes = kubernetes.Changes.Count > 0 ? $"; changed: {string.Join("; ", kubernetes.Changes)}" : "";
        json.WriteString("sourceInfo", $"source: {kubernetes.Source}; from {inputs}{changes}");
        json.WriteString("validUntilDate", $"{kubernetes.EndOfLife}T00:00:00Z");
        if (kubernetes.Licences.Count > 0)
        {
            json.WriteString(
                "licenseComments",
                $"Short names in /{KubernetesProgramNames.Copyright}: {string.Join("; ", kubernetes.Licences)}");
        }

        json.WriteEndObject();
    }

    private static void WritePackage(Utf8JsonWriter json, InstalledPackage package, IReadOnlyList<string> licences)
    {
        StartPackage(json, Id(package), package.Name, package.Version, "LIBRARY");
        json.WriteString("supplier", "Organization: Debian");
        json.WriteString("packageFileName", package.ArchivePath[(package.ArchivePath.LastIndexOf('/') + 1)..]);
        WriteChecksum(json, package.Digest);
        json.WriteString(
            "sourceInfo",
            $"built from the source package {package.Source} {package.SourceVersion}, suite {package.Suite}");
        if (licences.Count > 0)
        {
            json.WriteString(
                "licenseComments", $"Short names in Debian's copyright file: {string.Join("; ", licences)}");
        }

        WritePackageUrl(json, PackageUrl(package));
        json.WriteEndObject();
    }

    private static IEnumerable<SoftwarePart> PartsOf(ImageFacts image) =>
        image.BootstrapperParts.Concat(image.Kubernetes?.Parts ?? []);

    private static void WritePart(Utf8JsonWriter json, SoftwarePart part)
    {
        StartPackage(json, Id(part), part.Name, part.Version, part.IsTool ? "APPLICATION" : "LIBRARY");
        if (part.Digest is { } digest)
        {
            WriteChecksum(json, digest);
        }

        WritePackageUrl(json, part.PackageUrl);
        json.WriteEndObject();
    }

    private static void WritePackageUrl(Utf8JsonWriter json, string packageUrl)
    {
        json.WriteStartArray("externalRefs");
        json.WriteStartObject();
        json.WriteString("referenceCategory", "PACKAGE-MANAGER");
        json.WriteString("referenceType", "purl");
        json.WriteString("referenceLocator", packageUrl);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void StartPackage(Utf8JsonWriter json, string id, string name, string version, string purpose)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", id);
        json.WriteString("name", name);
        json.WriteString("versionInfo", version);
        json.WriteString("primaryPackagePurpose", purpose);
        json.WriteString("downloadLocation", NoAssertion);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("licenseConcluded", NoAssertion);
        json.WriteString("licenseDeclared", NoAssertion);
        json.WriteString("copyrightText", NoAssertion);
    }

    private static void WriteChecksum(Utf8JsonWriter json, Digest digest)
    {
        json.WriteStartArray("checksums");
        json.WriteStartObject();
        json.WriteString("algorithm", digest.Algorithm.ToUpperInvariant());
        json.WriteString("checksumValue", digest.Hex);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteRelationships(
        Utf8JsonWriter json, ImageFacts image, IReadOnlyList<InstalledPackage> packages)
    {
        json.WriteStartArray("relationships");
        Relate(json, Document, "DESCRIBES", ImageId);
        string[] kubernetes = image.Kubernetes is null ? [] : [KubernetesId];
        foreach (string part in (string[])[BootstrapperId, .. kubernetes, .. packages.Select(Id)])
        {
            Relate(json, ImageId, "CONTAINS", part);
        }

        Dictionary<string, string> ids = packages.ToDictionary(PackageUrl, Id, StringComparer.Ordinal);
        RelateParts(json, BootstrapperId, image.BootstrapperParts, ids);
        RelateParts(json, KubernetesId, image.Kubernetes?.Parts ?? [], ids);
        json.WriteEndArray();
    }

    private static void RelateParts(
        Utf8JsonWriter json, string program, IEnumerable<SoftwarePart> parts, Dictionary<string, string> ids)
    {
        foreach (SoftwarePart part in parts)
        {
            string id = ids.GetValueOrDefault(part.PackageUrl, Id(part));
            if (part.IsTool)
            {
                Relate(json, id, "BUILD_TOOL_OF", program);
            }
            else
            {
                Relate(json, program, "CONTAINS", id);
            }
        }
    }

    private static void Relate(Utf8JsonWriter json, string from, string how, string to)
    {
        json.WriteStartObject();
        json.WriteString("spdxElementId", from);
        json.WriteString("relationshipType", how);
        json.WriteString("relatedSpdxElement", to);
        json.WriteEndObject();
    }

    /// <summary>
    /// An SPDXID holds letters, digits, '.' and '-' (clause 3.2); '+' of a package's name becomes "-plus".
    /// </summary>
    private static string Id(InstalledPackage package) =>
        $"SPDXRef-Package-{package.Name.Replace("+", "-plus", StringComparison.Ordinal)}-{package.Architecture}";

    /// <summary>Names of Go modules have capitals, slashes and more: a part of a digest keeps them apart.</summary>
    private static string Id(SoftwarePart part) =>
        $"SPDXRef-Part-{new string([.. part.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')])}"
            + $"-{Digest.Sha256(Encoding.UTF8.GetBytes(part.PackageUrl)).Hex[..12]}";

    private static string PackageUrl(InstalledPackage package) =>
        PackageUrls.OfDebian(package.Name, package.Version, package.Architecture, package.Suite);
}
