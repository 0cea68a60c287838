using System.Text;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads <c>node.pki</c>. An authority may instead stand in <c>write_files</c> as <c>/etc/bootstrapper/pki/NAME.crt</c>
/// and <c>NAME.key</c>, the way for metadata that chooses its role by a sysconfig file.
/// </summary>
internal sealed class ClusterSecretsReader(IReadOnlyList<WriteFile> files)
{
    public const string Folder = "/etc/bootstrapper/pki";

    private const string Remedy =
        "Give certificate and key of one authority, or make the seed again from the cluster's secrets.";

    public ClusterSecrets Read(MappingReader node)
    {
        Dictionary<string, IReadOnlyList<ClusterAuthority>> authorities = new(StringComparer.Ordinal);
        MappingReader? pki = node.OptionalMapping("pki")?.WithOnly([.. ClusterSecrets.AuthorityNames]);
        foreach (string name in ClusterSecrets.AuthorityNames)
        {
            IReadOnlyList<ClusterAuthority> list = pki is not null && pki.Has(name)
                ?
                [
                    .. pki.RequiredSequence(name).Select(
                        (item, index) => ReadAuthority(new MappingReader(item), $"node.pki.{name}[{index}]")),
                ]
                : FromFiles(name, node.Mapping);
            if (list.Count > 0)
            {
                authorities[name] = list;
            }
        }

        return new ClusterSecrets { Authorities = authorities };
    }

    private static ClusterAuthority ReadAuthority(MappingReader reader, string pair)
    {
        ClusterAuthority authority = new()
        {
            Certificate = MetadataForms.Pem(reader.RequiredNode("certificate"), "certificate", "CERTIFICATE"),
            Key =
                reader.OptionalNode("key") is { } key ? new Secret(MetadataForms.Pem(key, "key", "PRIVATE KEY")) : null,
        };
        reader.RejectUnknownKeys();
        if (AuthorityCheck.Fault(authority) is { } fault)
        {
            throw reader.Error(fault.OfKey ? "key" : "certificate", $"{pair}: {fault.Problem}.", Remedy);
        }

        return authority;
    }

    private IReadOnlyList<ClusterAuthority> FromFiles(string name, YamlNode place)
    {
        string? certificate = TextOf($"{Folder}/{name}.crt");
        string? key = TextOf($"{Folder}/{name}.key");
        if (certificate is null)
        {
            return [];
        }

        ClusterAuthority authority = new() { Certificate = certificate, Key = key is null ? null : new Secret(key) };
        return AuthorityCheck.Fault(authority) is { } fault
            ? throw place.Error($"write_files: {Folder}/{name}.crt and {name}.key: {fault.Problem}.", Remedy)
            : [authority];
    }

    private string? TextOf(string path) =>
        files.LastOrDefault(file => file.Path == path) is { } file ? Encoding.UTF8.GetString(file.Content) : null;
}
