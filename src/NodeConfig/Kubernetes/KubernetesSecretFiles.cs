using System.Text;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// The secrets of <c>node.kubernetes</c> as files of <c>write_files</c>, the way for metadata that chooses its role by
/// a sysconfig file: <c>bootstrap-token</c> and <c>bootstrap-tokens</c> (a line each:
/// <c>id.secret [group [expires]]</c>), <c>service-account.key</c> (PEM blocks, newest first) and
/// <c>encryption-keys</c> (a line each, newest first: <c>name secret</c>).
/// </summary>
internal sealed class KubernetesSecretFiles(IReadOnlyList<WriteFile> files)
{
    public const string TokenForm = "Write six and sixteen lower-case letters and digits: abcdef.0123456789abcdef.";
    public const string EncryptionKeyForm = "Write 32 random bytes in base64: head -c 32 /dev/urandom | base64.";

    private const string TokenPath = ClusterSecretsReader.Folder + "/bootstrap-token";
    private const string TokensPath = ClusterSecretsReader.Folder + "/bootstrap-tokens";
    private const string ServiceAccountPath = ClusterSecretsReader.Folder + "/service-account.key";
    private const string EncryptionPath = ClusterSecretsReader.Folder + "/encryption-keys";

    /// <param name="place">Where errors point: a line of a file has no place in the user-data.</param>
    public BootstrapToken? Token(YamlNode place) => TextOf(TokenPath) is { } text
        ? BootstrapToken.TryParse(text.Trim()) ?? throw place.Error($"{TokenPath} is no bootstrap token.", TokenForm)
        : null;

    public IReadOnlyList<BootstrapToken> Tokens(YamlNode place) =>
        Distinct(Lines(TokensPath).Select(line => ReadToken(line, place)), token => token.Id, TokensPath, place);

    public IReadOnlyList<ServiceAccountKey> ServiceAccountKeys(YamlNode place)
    {
        if (TextOf(ServiceAccountPath) is not { } text)
        {
            return [];
        }

        string[] blocks =
        [
            .. text.Split("-----BEGIN ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(
                block => $"-----BEGIN {block}"),
        ];
        ServiceAccountKey[] keys = [.. blocks.Select(ServiceAccountKey.TryParse).OfType<ServiceAccountKey>()];
        return keys.Length == blocks.Length && keys is [{ Private: not null }, ..]
            ? keys
            : throw place.Error(
                $"{ServiceAccountPath} holds something other than keys, or begins with a public one.",
                "Put PEM keys into it, a private one first: ECDSA, or RSA of at least 2048 bits.");
    }

    public IReadOnlyList<EncryptionKey> EncryptionKeys(YamlNode place) =>
        Distinct(
            Lines(EncryptionPath).Select(line => ReadEncryptionKey(line, place)),
            key => key.Name,
            EncryptionPath,
            place);

    private static BootstrapToken ReadToken((int Number, string[] Words) line, YamlNode place)
    {
        BootstrapToken? token = line.Words.Length <= 3 ? BootstrapToken.TryParse(line.Words[0]) : null;
        string group = line.Words.ElementAtOrDefault(1) ?? BootstrapToken.DefaultGroup;
        DateTimeOffset? expires = line.Words.Length == 3 ? BootstrapToken.TryParseExpiry(line.Words[2]) : null;
        return token is not null && MetadataForms.DnsLabel()
            .IsMatch(group) && (line.Words.Length < 3 || expires is not null)
            ? token with { Group = group, Expires = expires }
            : throw place.Error(
                $"{TokensPath}, line {line.Number}: this is no bootstrap token.",
                "Write abcdef.0123456789abcdef, a group such as worker, and a moment such as 2027-01-31T12:00:00Z; "
                    + "the last two may be left out.");
    }

    private static EncryptionKey ReadEncryptionKey((int Number, string[] Words) line, YamlNode place) =>
        line.Words is [string name, string secret] && MetadataForms.DnsLabel()
            .IsMatch(name) && EncryptionKey.IsSecret(secret)
            ? new EncryptionKey { Name = name, Secret = new Secret(secret) }
            : throw place.Error($"{EncryptionPath}, line {line.Number}: this is no name and key.", EncryptionKeyForm);

    private static IReadOnlyList<T> Distinct<T>(IEnumerable<T> items, Func<T, string> name, string path, YamlNode place)
    {
        T[] list = [.. items];
        string? twice = list.GroupBy(name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? list : throw place.Error($"{path}: '{twice}' stands twice.", "Remove one.");
    }

    /// <summary>Lines with their numbers, without empty ones and comments.</summary>
    private IEnumerable<(int Number, string[] Words)> Lines(string path) => (TextOf(path) ?? "").Split('\n')
        .Select((line, index) => (index + 1, line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)))
        .Where(line => line.Item2.Length > 0 && !line.Item2[0].StartsWith('#'));

    private string? TextOf(string path) =>
        files.LastOrDefault(file => file.Path == path) is { } file ? Encoding.UTF8.GetString(file.Content) : null;
}
