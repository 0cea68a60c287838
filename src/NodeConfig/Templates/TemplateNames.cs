using Images.NodeConfig.Roles;

namespace Images.NodeConfig.Templates;

/// <summary>
/// The names that templates of a service may use: the bootstrapper fills exactly these in, and a bake refuses templates that use others.
/// </summary>
public static class TemplateNames
{
    public const string NodeHostname = "node.hostname";
    public const string NodeFqdn = "node.fqdn";
    public const string NodeAddress = "node.address";
    public const string NodeCluster = "node.cluster";
    public const string NodeDomain = "node.domain";

    public const string EtcdUnit = "etcd.service";
    public const string EtcdName = "etcd.name";
    public const string EtcdInitialCluster = "etcd.initial-cluster";
    public const string EtcdInitialClusterState = "etcd.initial-cluster-state";
    public const string EtcdInitialClusterToken = "etcd.initial-cluster-token";

    /// <summary>Of an entry of a list: <c>{{peer.address}}</c>.</summary>
    public const string PeerAddress = "address";

    private static readonly string[] _ofEveryService = [NodeHostname, NodeFqdn, NodeAddress, NodeCluster, NodeDomain];

    private static readonly Dictionary<string, string[]> _ofUnit = new(StringComparer.Ordinal)
    {
        [EtcdUnit] = [EtcdName, EtcdInitialCluster, EtcdInitialClusterState, EtcdInitialClusterToken],
    };

    /// <summary>Every value that the service's templates may use.</summary>
    public static IReadOnlyList<string> Values(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return [.. _ofEveryService, .. _ofUnit.GetValueOrDefault(service.Unit, [])];
    }

    /// <summary>Every list that the service's templates may go through: the kinds of peers it waits for.</summary>
    public static IReadOnlyList<string> Lists(RoleService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return [.. service.Waits.Select(wait => wait.Peers).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Reads a template to its end as the service would on a node, in every list one peer.</summary>
    /// <exception cref="ConfigurationException">The template uses a name that there is not, or is malformed; line and column are in the message.</exception>
    public static void Check(string template, string sourceName, RoleService service)
    {
        Dictionary<string, string> peer = new(StringComparer.Ordinal) { [PeerAddress] = "" };
        _ = Template.Render(template, sourceName, new TemplateValues
        {
            Values = Values(service).ToDictionary(name => name, _ => "", StringComparer.Ordinal),
            Lists = Lists(service).ToDictionary(name => name, IReadOnlyList<IReadOnlyDictionary<string, string>> (_) => [peer], StringComparer.Ordinal),
        });
    }
}
