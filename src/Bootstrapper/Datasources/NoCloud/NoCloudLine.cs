using System.Text;
using System.Text.RegularExpressions;
using Images.Bootstrapper.Machine;
using Images.NodeConfig;
using Images.NodeConfig.Yaml;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// NoCloud's one-line form <c>ds=nocloud;s=URL/;h=HOST;i=ID</c>, on the kernel command line or in the SMBIOS system
/// serial number. See https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html.
/// </summary>
internal sealed partial record NoCloudLine
{
    private static readonly Dictionary<string, string> _factOfVariable = new(StringComparer.Ordinal)
    {
        ["baseboard-asset-tag"] = "board_asset_tag",
        ["baseboard-manufacturer"] = "board_vendor",
        ["baseboard-product-name"] = "board_name",
        ["baseboard-serial-number"] = "board_serial",
        ["baseboard-version"] = "board_version",
        ["bios-release-date"] = "bios_date",
        ["bios-vendor"] = "bios_vendor",
        ["bios-version"] = "bios_version",
        ["chassis-asset-tag"] = "chassis_asset_tag",
        ["chassis-manufacturer"] = "chassis_vendor",
        ["chassis-serial-number"] = "chassis_serial",
        ["chassis-version"] = "chassis_version",
        ["system-manufacturer"] = "sys_vendor",
        ["system-product-name"] = "product_name",
        ["system-serial-number"] = "product_serial",
        ["system-uuid"] = "product_uuid",
        ["system-version"] = "product_version",
    };

    /// <summary>URL or folder that ends in a slash; null when the line names none.</summary>
    public string? Seed { get; init; }

    public string? Hostname { get; init; }

    public string? InstanceId { get; init; }

    /// <summary>Null when the text is no NoCloud line.</summary>
    /// <param name="text">What follows <c>ds=</c>.</param>
    /// <param name="dmi">Where variables such as <c>__dmi.system-uuid__</c> are looked up.</param>
    public static NoCloudLine? Parse(string text, Dmi dmi)
    {
        string[] parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0
            || !(parts[0].Equals("nocloud", StringComparison.OrdinalIgnoreCase)
                || parts[0].Equals("nocloud-net", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        string? Find(params string[] names) => parts.Skip(1)
            .Select(part => part.Split('=', 2))
            .Where(pair => pair.Length == 2 && names.Contains(pair[0], StringComparer.Ordinal))
            .Select(pair => Expand(pair[1], dmi))
            .LastOrDefault();
        string? seed = Find("s", "seedfrom");
        return new NoCloudLine
        {
            Seed = seed is null || seed.EndsWith('/') ? seed : seed + "/",
            Hostname = Find("h", "local-hostname"),
            InstanceId = Find("i", "instance-id"),
        };
    }

    /// <summary>A serial number that holds such a line, plain or as base64.</summary>
    public static NoCloudLine? FromSerial(string serial, Dmi dmi)
    {
        byte[] decoded = new byte[serial.Length];
        string text = Convert.TryFromBase64String(serial, decoded, out int count)
            ? Encoding.UTF8.GetString(decoded, 0, count)
            : serial;
        int start = text.IndexOf("ds=", StringComparison.Ordinal);
        return start < 0 ? null : Parse(text[(start + 3)..].Split(' ', 2)[0].Trim(), dmi);
    }

    /// <summary>meta-data with what the line says in place of what the seed says.</summary>
    public byte[]? Override(byte[]? metaData)
    {
        if (Hostname is null && InstanceId is null)
        {
            return metaData;
        }

        string text = metaData is null ? "" : Encoding.UTF8.GetString(metaData);
        if (text.TrimStart().StartsWith('{'))
        {
            return OverrideFlow(text);
        }

        string kept = string.Concat(text
            .Split('\n')
            .Where(line => !(InstanceId is not null && line.StartsWith("instance-id:", StringComparison.Ordinal))
                && !(Hostname is not null && line.StartsWith("local-hostname:", StringComparison.Ordinal)))
            .Select(line => line + "\n"));
        return Encoding.UTF8.GetBytes(
            Line("instance-id", InstanceId) + Line("local-hostname", Hostname) + kept.Trim('\n') + "\n");
    }

    /// <summary>
    /// JSON, or a flow mapping of YAML, has no lines to replace: the two keys that are read are written anew.
    /// </summary>
    private byte[] OverrideFlow(string text)
    {
        try
        {
            MappingReader reader = StrictYaml.ParseMapping(text, "meta-data");
            string? Kept(string key) => reader.OptionalNode(key) is { } node ? MappingReader.Text(node, key) : null;
            string?[] lines =
            [
                Line("instance-id", InstanceId ?? Kept("instance-id")),
                Line("local-hostname", Hostname ?? Kept("local-hostname")),
            ];
            return Encoding.UTF8.GetBytes(string.Concat(lines));
        }
        catch (ConfigurationException)
        {
            return Encoding.UTF8.GetBytes(text); // whoever reads it says what is wrong with it, and where
        }
    }

    private static string? Line(string key, string? value) => value is null ? null : $"{key}: {Quote(value)}\n";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Expand(string text, Dmi dmi) => Variable().Replace(
        text,
        match => _factOfVariable.TryGetValue(match.Groups[1].Value, out string? fact) && dmi.Find(fact) is { } value
            ? value
            : match.Value);

    [GeneratedRegex("__dmi\\.([a-z-]+)__")]
    private static partial Regex Variable();
}
