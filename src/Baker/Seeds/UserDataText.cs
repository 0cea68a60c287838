using Images.Baker.Pki;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>Writes <c>#cloud-config</c> user-data for the machines of a seed.</summary>
internal static class UserDataText
{
    /// <summary>The smallest limit among the providers that take user-data as text: 16 KiB (EC2).</summary>
    public const int MaximumBytes = 16 * 1024;

    public static string Write(SeedOrder order, SeedRoles roles, ClusterFolder cluster, ClusterNetwork network)
    {
        IEnumerable<string> lines =
        [
            "#cloud-config",
            .. order.Hostname is null ? Array.Empty<string>() : [$"hostname: {order.Hostname}"],
            .. order.SshKeys.Count == 0
                ? Array.Empty<string>()
                : ["ssh_authorized_keys:", .. order.SshKeys.Select(key => $"  - {Quote(key)}")],
            "node:",
            $"  cluster: {order.Cluster}",
            $"  domain: {order.Domain}",
            $"  roles: [{string.Join(", ", roles.Names)}]",
            .. order.Single ? ["  single: true"] : Array.Empty<string>(),
            .. order.Strict ? ["  strict: true"] : Array.Empty<string>(),
            .. order.Hosts.Count == 0 ? Array.Empty<string>() : ["  hosts:", .. order.Hosts.Select(Host)],
            .. order.Size is null ? Array.Empty<string>() : ["  etcd:", $"    size: {order.Size}"],
            .. Lb(order, roles, network),
            .. roles.IsOfKubernetes ? Kubernetes(roles, cluster.Kubernetes, network) : [],
            "  pki:",
            .. roles.Signs.SelectMany(name => Authority(cluster[name], withKey: true)),
            .. roles.Trusts.SelectMany(name => Authority(cluster[name], withKey: false)),
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static string Host(HostAddresses host) => $"    {Quote(host.Name)}: [{string.Join(", ", host.Addresses)}]";

    private static IEnumerable<string> Kubernetes(SeedRoles roles, KubernetesSecrets secrets, ClusterNetwork network) =>
    [
        "  kubernetes:",
        $"    network: {network.Network}",
        $"    podCidr: {network.PodCidr}",
        $"    serviceCidr: {network.ServiceCidr}",
        $"    dns: {network.Dns}",
        .. KubeProxy(network),
        .. network.EndpointLines().Select(line => $"    {line}"),
        .. roles.JoinsByToken
            ? [$"    token: {Quote((roles.IsLb ? secrets.LbToken! : secrets.WorkerToken).Text.Reveal())}"]
            : Array.Empty<string>(),
        .. roles.RunsControlPlane ? ControlPlane(secrets) : [],
    ];

    /// <summary>Only what was asked for: images from before the key refuse it.</summary>
    private static IEnumerable<string> KubeProxy(ClusterNetwork network) =>
        network.KubeProxy is null or ClusterNetwork.DefaultKubeProxy ? [] : [$"    kubeProxy: {network.KubeProxy}"];

    private static IEnumerable<string> ControlPlane(KubernetesSecrets secrets) =>
    [
        "    tokens:",
        .. Token(secrets.WorkerToken),
        .. secrets.LbToken is { } token ? Token(token) : [],
        "    serviceAccountKeys:",
        "      - |",
        .. Indented(secrets.ServiceAccountKey.Reveal()),
        "    encryptionKeys:",
        $"      - name: {KubernetesSecrets.EncryptionKeyName}",
        $"        secret: {Quote(secrets.EncryptionKey.Reveal())}",
    ];

    private static IEnumerable<string> Token(BootstrapToken token) =>
    [
        $"      - id: {Quote(token.Id)}",
        $"        secret: {Quote(token.Secret.Reveal())}",
        $"        group: {token.Group}",
        .. token.ExpiresText is { } end ? [$"        expires: {Quote(end)}"] : Array.Empty<string>(),
    ];

    /// <summary>Masters give the addresses that lbs hold.</summary>
    private static IEnumerable<string> Lb(SeedOrder order, SeedRoles roles, ClusterNetwork network)
    {
        string[] lines =
        [
            .. roles.IsLb && order.LbPorts.Count > 0
                ? [$"    ports: [{string.Join(", ", order.LbPorts.Select(Quote))}]"]
                : Array.Empty<string>(),
            .. roles.IsLb && order.ProxyProtocol ? ["    proxyProtocol: true"] : Array.Empty<string>(),
            .. (roles.IsLb || roles.RunsControlPlane) && network.PoolText is { } pool
                ? [$"    pool: {pool}"]
                : Array.Empty<string>(),
        ];
        return lines.Length == 0 ? [] : lines.Prepend("  lb:");
    }

    private static IEnumerable<string> Authority(CertificateAuthority authority, bool withKey) =>
    [
        $"    {authority.Name}:",
        "      - certificate: |",
        .. Indented(authority.Certificate),
        .. withKey ? ["        key: |", .. Indented(authority.Key.Reveal())] : Array.Empty<string>(),
    ];

    private static IEnumerable<string> Indented(string pem) =>
        pem.TrimEnd().Split('\n').Select(line => $"          {line}");

    /// <summary>A YAML single-quoted scalar.</summary>
    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
