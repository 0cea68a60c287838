using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Images.Formats;
using Images.Formats.Gzip;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads entries of <c>write_files</c> with cloud-config's encodings. A path that leaves its folder is refused.
/// </summary>
internal static partial class WriteFilesReader
{
    private const int MaximumBytes = 1 << 20;

    /// <summary>Only the owner may read what stands there, whatever the metadata says.</summary>
    private const string SecretsFolder = ClusterSecretsReader.Folder + "/";

    /// <summary>
    /// Folders that every boot makes anew. Elsewhere appended text would stand there once more after each boot.
    /// </summary>
    private static readonly string[] _derivedAtEachBoot = ["/etc/", "/run/"];

    public static WriteFile Read(MappingReader reader)
    {
        string? encoding = reader.OptionalText("encoding");
        WriteFile file = new()
        {
            Path = MetadataForms.Matching(
                reader.RequiredNode("path"), "path", AbsolutePath(),
                "an absolute path without '.', '..', '//' or a blank at its end"),
            Content = reader.OptionalNode("content") is { } content ? Decode(content, encoding, reader) : [],
            Mode = ReadMode(reader),
            Owner = reader.OptionalNode("owner") is { } owner
                ? MetadataForms.Matching(owner, "owner", UserAndGroup(), "user:group")
                : WriteFile.DefaultOwner,
            Append = reader.OptionalBoolean("append") ?? false,
        };
        _ = reader.OptionalBoolean("defer");
        reader.RejectUnknownKeys();
        if (file.Append && !_derivedAtEachBoot.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)))
        {
            throw reader.Error(
                "append",
                $"'{file.Path}' outlives a boot, so each boot would append to it again.",
                "Append below /etc or /run, which each boot makes anew, or write the whole file.");
        }

        return file.Path.StartsWith(SecretsFolder, StringComparison.Ordinal)
            ? file with { Mode = ForOwnerOnly(file.Mode) }
            : file;
    }

    private static string ReadMode(MappingReader reader)
    {
        if (reader.OptionalNode("permissions") is not { } node)
        {
            return WriteFile.DefaultMode;
        }

        string text = MetadataForms.Matching(node, "permissions", Octal(), "octal digits such as '0644'");
        string mode = text.Replace("o", "", StringComparison.Ordinal).TrimStart('0').PadLeft(4, '0');
        return text[0] == '0' || !GivesOthersMore(mode)
            ? mode
            : throw reader.Error(
                "permissions",
                $"{text} is read as octal digits, and would give others what the owner has not.",
                $"Begin the mode with a zero. If {text} is meant as a decimal number, that is '{FromDecimal(text)}'.");
    }

    /// <summary>Nobody wants that: 420 is 0644 as a program without octal numbers writes it.</summary>
    private static bool GivesOthersMore(string mode) => ((mode[2] - '0') & ~(mode[1] - '0')) != 0
        || ((mode[3] - '0') & ~(mode[1] - '0')) != 0;

    private static string FromDecimal(string text) =>
        Convert.ToString(int.Parse(text, CultureInfo.InvariantCulture), 8).PadLeft(4, '0');

    /// <summary>"0644" becomes "0600", "0400" stays.</summary>
    private static string ForOwnerOnly(string mode) => $"0{(char)('0' + ((mode[1] - '0') & 6))}00";

    private static byte[] Decode(YamlNode content, string? encoding, MappingReader reader)
    {
        string text = MappingReader.Text(content, "content");
        return encoding?.Trim().ToLowerInvariant() switch
        {
            null or "text/plain" => Encoding.UTF8.GetBytes(text),
            "b64" or "base64" => FromBase64(content, text),
            "gz+b64" or "gz+base64" or "gzip+b64" or "gzip+base64" => Gunzip(content, FromBase64(content, text)),
            _ => throw reader.Error(
                "encoding",
                $"The encoding {ShownText.Quote(encoding!)} is unknown.",
                "Known here: text/plain, b64, base64, gz+b64, gz+base64, gzip+b64, gzip+base64."),
        };
    }

    private static byte[] FromBase64(YamlNode content, string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int count)
            ? bytes[..count]
            : throw content.Error("The content is not base64.", "Encode it again.");
    }

    private static byte[] Gunzip(YamlNode content, byte[] packed)
    {
        try
        {
            return GzipData.Decompress(packed, MaximumBytes, "content");
        }
        catch (MalformedDataException e)
        {
            throw content.Error(
                $"The content cannot be decompressed: {e.Rule}.", "Pack it again, at most 1 MiB unpacked.");
        }
    }

    [GeneratedRegex(@"\A(?!.*\s\z)(/(?!\.{1,2}(/|\z))[^/\x00-\x1f]+)+\z")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"\A0?o?[0-7]{3,4}\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?\z")]
    private static partial Regex UserAndGroup();
}
