using System.Net;
using System.Net.Sockets;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads user-data: <c>#cloud-config</c> YAML with the key <c>node:</c>. Of cloud-config's own keys a documented subset
/// is honoured, the others are listed as ignored; below <c>node:</c> an unknown key is an error.
/// </summary>
public static class CloudConfig
{
    private const string Header = "#cloud-config";
    private const int MostHeaders = 16;

    /// <param name="text">The user-data, decompressed.</param>
    /// <param name="roles">Those that a machine may have.</param>
    /// <exception cref="ConfigurationException">Something in the text breaks a rule.</exception>
    public static NodeMetadata Parse(string text, string sourceName, IReadOnlyList<RoleDefinition> roles) =>
        Parse(text, sourceName, roles, []);

    /// <summary>
    /// As above, for the roles of an image; a role that it was baked without is refused with the reason.
    /// </summary>
    public static NodeMetadata Parse(string text, string sourceName, CompiledRoles roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        return Parse(text, sourceName, roles.Roles, roles.LeftOut);
    }

    private static NodeMetadata Parse(
        string text, string sourceName, IReadOnlyList<RoleDefinition> roles, IReadOnlyList<LeftOutRole> leftOut)
    {
        ArgumentNullException.ThrowIfNull(text);
        RefuseOtherForms(text, sourceName);
        MappingReader reader = StrictYaml.ParseMapping(text, sourceName);
        IReadOnlyList<WriteFile> files = [.. reader.MappingList("write_files").Select(WriteFilesReader.Read)];
        SysconfigRole? sysconfig = SysconfigRole.FindIn(files);
        MappingReader? ntp = reader.OptionalMapping("ntp");
        MappingReader? certificates = reader.OptionalMapping("ca_certs") ?? reader.OptionalMapping("ca-certs");
        List<string> warnings = [];
        NodeMetadata metadata = new()
        {
            Node = new NodeSettingsReader(roles, leftOut, sysconfig).Read(reader, files),
            Hostname =
                reader.OptionalNode("hostname") is { } name ? MetadataForms.MachineName(name, "hostname") : null,
            Fqdn = reader.OptionalNode("fqdn") is { } fqdn
                ? MetadataForms.MachineName(fqdn, "fqdn")
                : sysconfig?.Hostname is { } hostname ? MetadataForms.MachineNameOf(hostname) : null,
            SshAuthorizedKeys = SshKeysReader.Read(reader, warnings),
            WriteFiles = files,
            Ntp = ntp is null ? null : ReadNtp(ntp),
            CaCertificates = certificates is null ? null : TrustedCertificatesReader.Read(certificates),
            Timezone = reader.OptionalNode("timezone") is { } zone ? MetadataForms.Timezone(zone, "timezone") : null,
            Warnings = warnings,
        };
        IEnumerable<IgnoredKey> ignored =
            [.. Unread(reader, ""), .. Unread(ntp, "ntp."), .. Unread(certificates, "ca_certs.")];
        return metadata with { Ignored = [.. ignored.OrderBy(key => key.Line)] };
    }

    /// <summary>What nobody asked for once everything was read.</summary>
    private static IEnumerable<IgnoredKey> Unread(MappingReader? reader, string prefix) =>
        reader?.UnaskedKeys.Select(key => new IgnoredKey(prefix + ShownText.Key(key.Value), key.Line)) ?? [];

    /// <summary>Of a cloud-config or of gzip: what clouds that carry text only are often given.</summary>
    private static bool IsBase64(string text)
    {
        byte[] decoded = new byte[text.Length];
        return Convert.TryFromBase64String(text, decoded, out int count)
            && (decoded.AsSpan(0, count).StartsWith("#cloud-config"u8)
                || decoded.AsSpan(0, count).StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]));
    }

    private static void RefuseOtherForms(string text, string sourceName)
    {
        string first = text.Split('\n', 2)[0].TrimEnd();
        if (first == Header)
        {
            return;
        }

        string problem = first switch
        {
            _ when IsMultiPart(text) => "Multi-part MIME user-data is not supported.",
            _ when IsBase64(text) => "This is base64: it holds a cloud-config, or gzip, that nobody decoded.",
            _ when first.StartsWith("#!", StringComparison.Ordinal) => "User-data is a script; this image runs none.",
            _ when first.StartsWith("## template:", StringComparison.Ordinal) => "A template is not supported.",
            _ when first.StartsWith('{') => "Ignition and other JSON user-data is not supported.",
            _ when first.Length is > 0 and < 60 && first.StartsWith('#') =>
                $"User-data of the form {ShownText.Quote(first)} is not supported.",
            _ => $"The first line is not '{Header}'.",
        };
        throw new ConfigurationException(
            sourceName, 1, 1, problem, $"Write one YAML document whose first line is {Header}.");
    }

    /// <summary>By the headers of a mail message (RFC 5322), whichever comes first.</summary>
    private static bool IsMultiPart(string text)
    {
        IEnumerable<string> headers = text.Split('\n', MostHeaders + 1)
            .Take(MostHeaders)
            .Select(line => line.TrimEnd())
            .TakeWhile(line => line.Length > 0);
        return headers.Any(line => line.StartsWith("Content-Type: multipart", StringComparison.OrdinalIgnoreCase)
            || line.StartsWith("MIME-Version:", StringComparison.OrdinalIgnoreCase));
    }

    private static NtpSettings ReadNtp(MappingReader reader) => new()
    {
        Enabled = reader.OptionalBoolean("enabled") ?? true,
        Servers = [.. reader.Sequence("servers").Select(ReadTimeServer)],
        Pools = [.. reader.Sequence("pools").Select(ReadTimeServer)],
    };

    /// <summary>A name, or an address as one writes it: to .NET, 10 and [2001:db8::1] are addresses too.</summary>
    private static string ReadTimeServer(YamlNode node)
    {
        string text = MappingReader.Text(node, "ntp");
        if (!IPAddress.TryParse(text, out IPAddress? address))
        {
            return MetadataForms.HostName(node, "ntp");
        }

        bool isPlain = address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == text
            : !text.StartsWith('[');
        return isPlain ? text : throw node.Error(
            $"'ntp' cannot be {ShownText.Quote(text)}.",
            "Write a DNS name, or an address such as 10.0.0.1 or 2001:db8::1.");
    }
}
