using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Baker.Seeds;

/// <summary>
/// What masters and workers of a cluster must agree on. Recorded with the cluster's secrets when the
/// first of them gets its seed.
/// </summary>
internal sealed record ClusterNetwork
{
    public const string DefaultMode = "routed";
    public const string DefaultDns = "node";
    public const string DefaultKubeProxy = "node";
    public const string DefaultEndpoint = "dns";

    /// <summary>One that may hold all of it, and needs no secrets: only networks are read.</summary>
    private static readonly RoleDefinition _anyRole = new() { Role = "lb", Dns = "any", Services = [] };

    /// <summary>routed, overlay or cni.</summary>
    public required string Network { get; init; }

    public required string PodCidr { get; init; }

    public required string ServiceCidr { get; init; }

    /// <summary>node or none; null, which is node, where it was recorded before there was a choice.</summary>
    public string? Dns { get; init; }

    /// <summary>node or none, for Services' addresses; null likewise.</summary>
    public string? KubeProxy { get; init; }

    /// <summary>dns, vip or lb; null likewise.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The virtual address of the masters; null for none.</summary>
    public string? MastersVip { get; init; }

    /// <summary>The virtual address of the lbs; null for none.</summary>
    public string? LbVip { get; init; }

    /// <summary>Seconds between advertisements of both; null for one.</summary>
    public string? VipInterval { get; init; }

    /// <summary>Further names of the API, with commas between; null for none.</summary>
    public string? ApiNames { get; init; }

    /// <summary>Addresses for Services of type LoadBalancer, with commas between; null for none.</summary>
    public string? LbPool { get; init; }

    /// <summary>What the order says, and for the rest what is recorded or else the default.</summary>
    /// <exception cref="BakeException">The order contradicts what is recorded, or itself.</exception>
    public static ClusterNetwork Of(SeedOrder order, ClusterNetwork? recorded, string folder)
    {
        ClusterNetwork network = new()
        {
            Network = Agreed("--network", order.Network, recorded?.Network, folder) ?? DefaultMode,
            PodCidr = Agreed("--pod-cidr", order.PodCidr, recorded?.PodCidr, folder)
                ?? KubernetesSettings.DefaultPodCidr.ToString(),
            ServiceCidr = Agreed("--service-cidr", order.ServiceCidr, recorded?.ServiceCidr, folder)
                ?? KubernetesSettings.DefaultServiceCidr.ToString(),
            Dns = Agreed("--dns", order.Dns, recorded is null ? null : recorded.Dns ?? DefaultDns, folder)
                ?? DefaultDns,
            KubeProxy = Agreed(
                "--kube-proxy", order.KubeProxy, recorded is null ? null : recorded.KubeProxy ?? DefaultKubeProxy,
                folder) ?? DefaultKubeProxy,
            Endpoint = Agreed(
                "--endpoint", order.Endpoint, recorded is null ? null : recorded.Endpoint ?? DefaultEndpoint, folder)
                ?? DefaultEndpoint,
            MastersVip = Agreed("--vip", order.MastersVip, recorded?.MastersVip, folder),
            LbVip = Agreed("--vip", order.LbVip, recorded?.LbVip, folder),
            VipInterval = Agreed("--vip-interval", order.VipInterval, recorded?.VipInterval, folder),
            ApiNames = Agreed(
                "--api-name", order.ApiNames is { Count: > 0 } names ? string.Join(',', names) : null,
                recorded?.ApiNames, folder),
            LbPool = Agreed("--lb-pool", order.LbPool, recorded?.LbPool, folder),
        };
        network.Check();
        return network;
    }

    private static string? Agreed(string option, string? asked, string? recorded, string folder) =>
        asked is null || recorded is null || asked == recorded
            ? asked ?? recorded
            : throw new BakeException(
                "BAKE0809", option, $"'{asked}' is not what the cluster in {folder} was made with: {recorded}.",
                "Leave the option out; a cluster with other networks needs another folder.");

    /// <summary>By the rules that every machine applies when it reads its metadata.</summary>
    private void Check()
    {
        string text = $"#cloud-config\nnode:\n  cluster: x\n  role: lb\n{LbLine()}  kubernetes:\n"
            + $"    network: {Quoted(Network)}\n    podCidr: {Quoted(PodCidr)}\n"
            + $"    serviceCidr: {Quoted(ServiceCidr)}\n    dns: {Quoted(Dns ?? DefaultDns)}\n"
            + $"    kubeProxy: {Quoted(KubeProxy ?? DefaultKubeProxy)}\n"
            + string.Concat(EndpointLines().Select(line => $"    {line}\n"));
        try
        {
            _ = CloudConfig.Parse(text, "seed", [_anyRole]);
        }
        catch (ConfigurationException e)
        {
            throw new BakeException(
                "BAKE0802",
                "--network, --pod-cidr, --service-cidr, --dns, --kube-proxy, --endpoint, --vip, --vip-interval, "
                    + "--api-name, --lb-pool",
                e.Problem, e.Remedy, inner: e);
        }
    }

    private string LbLine() => PoolText is { } pool ? $"  lb: {{ pool: {pool} }}\n" : "";

    /// <summary>The value of <c>pool</c> in <c>node.lb</c>; null for none.</summary>
    public string? PoolText => LbPool is { } pool
        ? $"[{string.Join(", ", pool.Split(',', StringSplitOptions.TrimEntries).Select(Quoted))}]"
        : null;

    /// <summary>Keys of <c>node.kubernetes</c>; those that say nothing are left out.</summary>
    public IEnumerable<string> EndpointLines()
    {
        if (Endpoint is { } endpoint && endpoint != DefaultEndpoint)
        {
            yield return $"endpoint: {Quoted(endpoint)}";
        }

        string[] addresses =
        [
            .. MastersVip is { } masters ? [$"masters: {Quoted(masters)}"] : Array.Empty<string>(),
            .. LbVip is { } lb ? [$"lb: {Quoted(lb)}"] : Array.Empty<string>(),
            .. VipInterval is { } interval ? [$"interval: {Quoted(interval)}"] : Array.Empty<string>(),
        ];
        if (addresses.Length > 0)
        {
            yield return $"vip: {{ {string.Join(", ", addresses)} }}";
        }

        if (ApiNames is { } names)
        {
            yield return $"apiNames: [{string.Join(", ", names.Split(',').Select(Quoted))}]";
        }
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
