using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>The forms that single values of metadata must have.</summary>
internal static partial class MetadataForms
{
    public static string Label(YamlNode node, string key) =>
        Matching(node, key, DnsLabel(), "a lower-case DNS label: letters, digits and '-', at most 63");

    public static string Name(YamlNode node, string key) =>
        Matching(node, key, DnsName(), "a lower-case DNS name without a dot at the end");

    public static string HostName(YamlNode node, string key)
    {
        string text = MappingReader.Text(node, key);
        return text.Length <= 253 && DnsName().IsMatch(text.ToLowerInvariant())
            ? text.ToLowerInvariant()
            : throw node.Error(
                $"'{key}' cannot be {ShownText.Quote(text)}.", "Write a DNS name: letters, digits and '-'.");
    }

    /// <summary>
    /// What a machine may be called. Each machine is localhost to itself, and the first part of an address is no name.
    /// </summary>
    public static string MachineName(YamlNode node, string key)
    {
        string text = MappingReader.Text(node, key);
        return MachineNameOf(text) ?? throw node.Error(
            $"'{key}' cannot be {ShownText.Quote(text)}.",
            "Write a DNS name (letters, digits and '-') other than localhost.");
    }

    /// <summary>In lower case, without a dot at its end; null where it is no name of a machine.</summary>
    public static string? MachineNameOf(string text)
    {
        string name = text.ToLowerInvariant();
        name = name.EndsWith('.') ? name[..^1] : name;
        bool isName = name.Length <= 253 && DnsName().IsMatch(name);
        return isName && name.Split('.', 2)[0] != "localhost" && !IPAddress.TryParse(name, out _) ? name : null;
    }

    /// <summary>An IPv4 address that a machine can have.</summary>
    public static IPAddress Address(YamlNode node, string key)
    {
        string text = MappingReader.Text(node, key);
        if (!IPAddress.TryParse(text, out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text))
        {
            throw node.Error(
                $"'{key}' cannot be {ShownText.Quote(text)}.", "Write an IPv4 address such as 10.0.0.11.");
        }

        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            throw node.Error(
                $"'{key}' is the IPv6 address {text}, and this image needs IPv4 for now.",
                "Write an IPv4 address such as 10.0.0.11.");
        }

        return address.GetAddressBytes()[0] is > 0 and < 224
            ? address
            : throw node.Error(
                $"'{key}' cannot be '{text}': no single machine has it.",
                "Write the address of one of the machine's interfaces.");
    }

    public static string OneLine(YamlNode node, string key) => Matching(node, key, Line(), "one line");

    public static string Timezone(YamlNode node, string key) =>
        Matching(node, key, Zone(), "a time zone such as Europe/Paris");

    /// <summary>A key or a certificate; neither shows in an error.</summary>
    public static string Pem(YamlNode node, string key, string label)
    {
        string text = MappingReader.Text(node, key);
        return PemEncoding.TryFind(text, out PemFields fields)
            && text.AsSpan()[fields.Label].EndsWith(label, StringComparison.Ordinal)
            ? text
            : throw node.Error($"'{key}' holds no PEM block '{label}'.", "Paste the PEM text as a block ('|').");
    }

    public static string Matching(YamlNode node, string key, Regex form, string expected)
    {
        string text = MappingReader.Text(node, key);
        return form.IsMatch(text)
            ? text
            : throw node.Error($"'{key}' cannot be {ShownText.Quote(text)}.", $"Write {expected}.");
    }

    /// <summary>
    /// As above, for what stands beside a secret and may have been taken for it: nothing of it is shown.
    /// </summary>
    public static string MatchingUnseen(YamlNode node, string key, Regex form, string expected)
    {
        string text = MappingReader.Text(node, key);
        return form.IsMatch(text)
            ? text
            : throw node.Error($"'{key}' cannot be what stands here.", $"Write {expected}.");
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    public static partial Regex DnsLabel();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\z")]
    public static partial Regex DnsName();

    [GeneratedRegex(@"\A[^\r\n]+\z")]
    private static partial Regex Line();

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}\z")]
    private static partial Regex Zone();
}
