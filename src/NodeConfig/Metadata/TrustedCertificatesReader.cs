using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads <c>ca_certs</c>. Every block of every item must be a certificate: OpenSSL reads nothing at all of a bundle
/// with one that is not, and everybody on the machine can read the bundle.
/// </summary>
internal static partial class TrustedCertificatesReader
{
    private const string Trusted = "trusted";
    private const string Label = "CERTIFICATE";

    public static TrustedCertificates Read(MappingReader reader) => new()
    {
        RemoveDefaults =
            reader.OptionalBoolean("remove_defaults") ?? reader.OptionalBoolean("remove-defaults") ?? false,
        Trusted = [.. Items(reader).SelectMany(Certificates)],
    };

    /// <summary>A list, or one text.</summary>
    private static IReadOnlyList<YamlNode> Items(MappingReader reader) =>
        reader.OptionalNode(Trusted) is YamlScalar text ? [text] : reader.Sequence(Trusted);

    /// <summary>Each block of its own, in the form that all programs write.</summary>
    private static List<string> Certificates(YamlNode item)
    {
        string text = MappingReader.Text(item, Trusted);
        int count = Begin().Count(text);
        if (count == 0)
        {
            throw item.Error($"'{Trusted}' holds no PEM block '{Label}'.", "Paste the PEM text as a block ('|').");
        }

        List<string> certificates = [];
        ReadOnlySpan<char> rest = text;
        while (certificates.Count < count)
        {
            certificates.Add(Next(ref rest) ?? throw item.Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Block {certificates.Count + 1} of {count} in this item of '{Trusted}' is no X.509 certificate."),
                "Remove it, or paste it again: with it, programs would trust none of the others either."));
        }

        return certificates;
    }

    private static string? Next(ref ReadOnlySpan<char> text)
    {
        // a broken block is passed over by TryFind, so what it finds must be what begins here
        if (!PemEncoding.TryFind(text, out PemFields fields)
            || Begin().Count(text[..fields.Location.End]) != 1
            || !text[fields.Label].SequenceEqual(Label))
        {
            return null;
        }

        string? pem = AuthorityCheck.CertificatePem(text[fields.Location]);
        text = text[fields.Location.End..];
        return pem;
    }

    [GeneratedRegex("-----BEGIN")]
    private static partial Regex Begin();
}
