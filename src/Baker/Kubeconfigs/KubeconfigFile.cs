using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.NodeConfig;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Kubeconfigs;

/// <summary>
/// Where a kubeconfig's current context asks, whom it believes, and what it shows: a client certificate or a token.
/// Anything else (a program, a proxy, a server that is believed without a check) is refused by name.
/// </summary>
internal sealed class KubeconfigFile
{
    private const string Remedy = "Use a kubeconfig as 'baker kubeconfig' writes it.";

    private static readonly string[] _foreign =
        ["insecure-skip-tls-verify", "proxy-url", "exec", "auth-provider", "tokenFile", "username", "as"];

    private readonly string _path;

    private KubeconfigFile(string path)
    {
        _path = path;
        MappingReader root = StrictYaml.ParseMapping(ReadText(path, path), path);
        string context = root.RequiredText("current-context");
        MappingReader named = Named(root, "contexts", "context", context);
        MappingReader cluster = Named(root, "clusters", "cluster", named.RequiredText("cluster"));
        MappingReader user = Named(root, "users", "user", named.RequiredText("user"));
        RefuseForeign(cluster);
        RefuseForeign(user);
        Server = KubeconfigWriter.CheckServer(cluster.RequiredText("server"), path);
        Authority = Material(cluster, "certificate-authority")
            ?? throw cluster.Error("server", "There is no 'certificate-authority-data' beside it.", Remedy);
        Certificate = Material(user, "client-certificate");
        Key = Material(user, "client-key") is { } key ? new Secret(key) : null;
        Token = user.OptionalText("token") is { } token ? new Secret(token) : null;
        TlsName = cluster.OptionalText("tls-server-name");
        if (Token is null && (Certificate is null || Key is null))
        {
            throw user.Mapping.Error("The user has neither a client certificate with its key nor a token.", Remedy);
        }
    }

    public Uri Server { get; }

    /// <summary>PEM, as the three below.</summary>
    private string Authority { get; }

    private string? Certificate { get; }

    private Secret? Key { get; }

    private string? TlsName { get; }

    public Secret? Token { get; }

    /// <exception cref="BakeException">It cannot be read, or says what this program cannot do.</exception>
    /// <exception cref="ConfigurationException">It is no kubeconfig, with line and column.</exception>
    public static KubeconfigFile Read(string path) => new(path);

    /// <exception cref="BakeException">What it holds are no certificates.</exception>
    public SslClientAuthenticationOptions Tls()
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Authority);
            X509Certificate2? shown = Certificate is not null && Key is not null
                ? X509Certificate2.CreateFromPem(Certificate, Key.Reveal())
                : null;
            return new SslClientAuthenticationOptions
            {
                TargetHost = TlsName,
                CertificateChainPolicy = policy,
                ClientCertificates = shown is null ? null : [shown],
                LocalCertificateSelectionCallback = shown is null ? null : (_, _, _, _, _) => shown,
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Fault(_path, "holds a certificate or key that cannot be read.", e);
        }
    }

    private static BakeException Fault(string place, string problem, Exception? inner = null) =>
        new("BAKE0831", place, problem, Remedy, inner: inner);

    private static void RefuseForeign(MappingReader entry)
    {
        foreach (string key in _foreign.Where(entry.Has))
        {
            throw entry.Error(key, $"'{key}' is not supported here.", Remedy);
        }
    }

    private static MappingReader Named(MappingReader root, string list, string key, string name) =>
        root.MappingList(list).FirstOrDefault(item => item.OptionalText("name") == name)?.RequiredMapping(key)
            ?? throw root.Error(list, $"There is no '{name}' under '{list}'.", Remedy);

    private static string ReadText(string path, string place)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault(place, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Inline in base64, or in a file, whose path counts from the kubeconfig's folder.</summary>
    private string? Material(MappingReader entry, string key)
    {
        if (entry.OptionalText(key + "-data") is { } data)
        {
            byte[] bytes = new byte[data.Length];
            return Convert.TryFromBase64String(data, bytes, out int count)
                ? Encoding.UTF8.GetString(bytes, 0, count)
                : throw entry.Error(key + "-data", $"'{key}-data' is no base64.", Remedy);
        }

        return entry.OptionalText(key) is { } file
            ? ReadText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path))!, file), _path)
            : null;
    }
}
