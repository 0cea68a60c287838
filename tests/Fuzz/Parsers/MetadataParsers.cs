using System.Text;
using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Fuzz.Parsers;

/// <summary>What a machine is told: by whoever starts it, and by the image.</summary>
internal static class MetadataParsers
{
    private static readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal)
    {
        ["etcd"] = "signs: [etcd-peer, etcd-client]",
        ["master"] = "signs: [kubernetes, front-proxy, etcd-client], controlPlane: true",
        ["worker"] = "trusts: [kubernetes], token: true",
    };

    public static CompiledRoles Roles { get; } = CompiledRoles.Of(
        _secrets.Select(role => RoleFile.Parse($"role: {role.Key}\ndns: {role.Key}\nsecrets: {{ {role.Value} }}\nservices: [{{unit: {role.Key}.service}}]\n", $"{role.Key}.yaml")));

    private static readonly Type[] _refusal = [typeof(ConfigurationException)];

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "user-data", Declared = _refusal, Read = bytes => CloudConfig.Parse(Text(bytes), "user-data", Roles) },
        new()
        {
            Name = "metadata", // gzip or not, and whether it is text at all
            Declared = _refusal,
            Read = bytes => MetadataParser.Parse(new FoundMetadata("fuzz", bytes, "instance-id: a\n"u8.ToArray(), Origin: null), Roles),
        },
        new() { Name = "meta-data", Declared = _refusal, Read = bytes => InstanceMetadata.Parse(Text(bytes), "meta-data") },
        new() { Name = "role-file", Declared = _refusal, Read = bytes => RoleFile.Parse(Text(bytes), "role.yaml") },
        new() { Name = "manifest", Declared = _refusal, Read = bytes => _ = KubernetesManifest.Read(Text(bytes), "manifest.yaml").Sum(item => item.Json.ToJsonString().Length) },
        new()
        {
            Name = "manifest-on-node",
            Declared = [typeof(InvalidDataException)],
            Read = bytes =>
            {
                foreach (KubernetesObject item in ManifestReader.Read(Text(bytes), "manifest.yaml"))
                {
                    item.Json.ToJsonString();
                }
            },
        },
    ];

    /// <summary>As a reader of files decodes it: what is no UTF-8 becomes U+FFFD.</summary>
    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
