using System.Security.Cryptography;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.Seeds;

/// <summary>
/// The cluster's secrets beside its authorities: one key for ServiceAccounts, one for what is
/// stored, one token of the workers and one of the lbs.
/// </summary>
internal sealed record KubernetesSecrets
{
    /// <summary>Name of the first encryption key; whoever adds another gives it another name.</summary>
    public const string EncryptionKeyName = "key1";

    private const string ServiceAccountFile = "service-account.key";
    private const string EncryptionFile = "encryption.key";

    /// <summary>Of the file beside a token's with the moment of its end; a token without one has none.</summary>
    private const string EndSuffix = ".expires";

    private const string TokenCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int TokenIdLength = 6;
    private const int TokenSecretLength = 16;

    /// <summary>PEM, PKCS#8, ECDSA P-256.</summary>
    public required Secret ServiceAccountKey { get; init; }

    /// <summary>32 bytes in base64.</summary>
    public required Secret EncryptionKey { get; init; }

    public required BootstrapToken WorkerToken { get; init; }

    /// <summary>Null in a folder that was made before lbs had one.</summary>
    public BootstrapToken? LbToken { get; init; }

    /// <param name="tokenEnd">When the tokens end; null: never.</param>
    public static KubernetesSecrets Create(DateTimeOffset? tokenEnd)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new KubernetesSecrets
        {
            ServiceAccountKey = new Secret(key.ExportPkcs8PrivateKeyPem() + "\n"),
            EncryptionKey = new Secret(Convert.ToBase64String(
                RandomNumberGenerator.GetBytes(NodeConfig.Kubernetes.EncryptionKey.SecretBytes))),
            WorkerToken = CreateToken(BootstrapToken.DefaultGroup, tokenEnd),
            LbToken = CreateToken(BootstrapToken.LbGroup, tokenEnd),
        };
    }

    /// <param name="group">The role of the machines that will show it.</param>
    /// <param name="end">Null: it never ends.</param>
    public static BootstrapToken CreateToken(string group, DateTimeOffset? end) => new()
    {
        Group = group,
        Id = RandomNumberGenerator.GetString(TokenCharacters, TokenIdLength),
        Secret = new Secret(RandomNumberGenerator.GetString(TokenCharacters, TokenSecretLength)),
        Expires = end,
    };

    public void Write(string folder)
    {
        PrivateFile.Write(Path.Combine(folder, ServiceAccountFile), ServiceAccountKey.Reveal());
        PrivateFile.Write(Path.Combine(folder, EncryptionFile), EncryptionKey.Reveal() + "\n");
        WriteToken(folder, WorkerToken);
        if (LbToken is { } token)
        {
            WriteToken(folder, token);
        }
    }

    /// <summary>In place of the one that its group had.</summary>
    public static void WriteToken(string folder, BootstrapToken token)
    {
        string file = TokenFile(folder, token.Group), end = file + EndSuffix;
        File.Delete(end); // of another token
        PrivateFile.Write(file, token.Text.Reveal() + "\n");
        if (token.ExpiresText is { } text)
        {
            PrivateFile.Write(end, text + "\n");
        }
    }

    /// <param name="folder">Where the files lie.</param>
    /// <param name="read">Gives a file's text, or throws.</param>
    /// <param name="fault">An error for a file that holds something else.</param>
    public static KubernetesSecrets Read(
        string folder, Func<string, string> read, Func<string, string, BakeException> fault)
    {
        string serviceAccount = Path.Combine(folder, ServiceAccountFile);
        string encryption = Path.Combine(folder, EncryptionFile);
        string key = read(serviceAccount), secret = read(encryption).Trim();
        return new KubernetesSecrets
        {
            ServiceAccountKey = NodeConfig.Kubernetes.ServiceAccountKey.TryParse(key)?.Private
                ?? throw fault(serviceAccount, "is no private key."),
            EncryptionKey = NodeConfig.Kubernetes.EncryptionKey.IsSecret(secret)
                ? new Secret(secret)
                : throw fault(encryption, "is no 32 bytes in base64."),
            WorkerToken = ReadToken(BootstrapToken.DefaultGroup, folder, read, fault),
            LbToken = File.Exists(TokenFile(folder, BootstrapToken.LbGroup))
                ? ReadToken(BootstrapToken.LbGroup, folder, read, fault)
                : null,
        };
    }

    private static string TokenFile(string folder, string group) => Path.Combine(folder, group + ".token");

    private static BootstrapToken ReadToken(
        string group, string folder, Func<string, string> read, Func<string, string, BakeException> fault)
    {
        string file = TokenFile(folder, group);
        BootstrapToken token = BootstrapToken.TryParse(read(file).Trim())
            ?? throw fault(file, "is no bootstrap token.");
        return token with { Group = group, Expires = ReadEnd(file + EndSuffix, read, fault) };
    }

    private static DateTimeOffset? ReadEnd(
        string path, Func<string, string> read, Func<string, string, BakeException> fault) =>
        File.Exists(path)
            ? BootstrapToken.TryParseExpiry(read(path).Trim()) ?? throw fault(path, "is no moment.")
            : null;
}
