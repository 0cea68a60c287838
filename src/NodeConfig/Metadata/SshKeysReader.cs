using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads <c>ssh_authorized_keys</c>. Tools leave a line end at the end of a key, and some put several into one item; a
/// private key pasted in place of the public one is refused, and nothing of any item is ever shown.
/// </summary>
internal static partial class SshKeysReader
{
    private const string Key = "ssh_authorized_keys";

    public static IReadOnlyList<string> Read(MappingReader reader, List<string> warnings)
    {
        List<string> keys = [];
        foreach (YamlNode item in reader.Sequence(Key))
        {
            string[] lines = Lines(item);
            if (!Array.TrueForAll(lines, line => PublicKey().IsMatch(line) || line.StartsWith('#')))
            {
                warnings.Add(
                    $"{Key}, line {item.Line}: this is no public key of OpenSSH, so nobody can log in with it");
            }

            keys.AddRange(lines);
        }

        return keys;
    }

    private static string[] Lines(YamlNode item)
    {
        string text = MappingReader.Text(item, Key);
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw item.Error(
                $"'{Key}' holds a private key.",
                "Give the public one (the file that ends in .pub), "
                    + "and make a new pair if others could read this text.");
        }

        string[] lines =
        [
            .. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ];
        bool isText = !lines.Any(line => line.Any(character => char.IsControl(character) && character != '\t'));
        return isText && lines.Length > 0
            ? lines
            : throw item.Error(
                $"'{Key}' holds {(isText ? "an empty item" : "control characters")}.",
                "Write one public key an item, such as 'ssh-ed25519 AAAA… name'.");
    }

    /// <summary>sshd(8), "AUTHORIZED_KEYS FILE FORMAT": options may stand before the type.</summary>
    [GeneratedRegex(@"(\A|[ \t])(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+[ \t]+AAAA[A-Za-z0-9+/]*=*([ \t]|\z)")]
    private static partial Regex PublicKey();
}
