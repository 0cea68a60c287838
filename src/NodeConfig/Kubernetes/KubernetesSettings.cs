using System.Net;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// What metadata says about the Kubernetes of this machine's cluster: the key <c>node.kubernetes</c>. IPv4 only.
/// </summary>
public sealed record KubernetesSettings
{
    public const int DefaultNodeCidrMaskSize = 24;
    public const string DefaultClusterDomain = "cluster.local";
    public const int ApiPort = 6443;

    private const int ClusterDnsPosition = 10;

    public static IPNetwork DefaultPodCidr { get; } = IPNetwork.Parse("10.200.0.0/16");

    public static IPNetwork DefaultServiceCidr { get; } = IPNetwork.Parse("10.32.0.0/24");

    /// <summary>
    /// Machines' own addresses in the overlay: set aside for benchmarks (RFC 2544), so no real network is there.
    /// </summary>
    public static IPNetwork OverlayAddresses { get; } = IPNetwork.Parse("198.18.0.0/15");

    public static KubernetesSettings Default { get; } = new()
    {
        PodCidr = DefaultPodCidr,
        ServiceCidr = DefaultServiceCidr,
        ClusterDns = DefaultClusterDnsOf(DefaultServiceCidr),
    };

    /// <summary>The addresses of all pods.</summary>
    public required IPNetwork PodCidr { get; init; }

    /// <summary>Prefix length of one node's share of <see cref="PodCidr"/>.</summary>
    public int NodeCidrMaskSize { get; init; } = DefaultNodeCidrMaskSize;

    /// <summary>The virtual addresses of Services.</summary>
    public required IPNetwork ServiceCidr { get; init; }

    /// <summary>The name server of pods, one of <see cref="ServiceCidr"/>.</summary>
    public required IPAddress ClusterDns { get; init; }

    public string ClusterDomain { get; init; } = DefaultClusterDomain;

    /// <summary>Who serves <see cref="ClusterDns"/>.</summary>
    public ClusterDnsServer Dns { get; init; } = ClusterDnsServer.Node;

    public PodNetwork Network { get; init; } = PodNetwork.Routed;

    /// <summary>Whether kube-proxy makes Services' addresses; else an add-on does.</summary>
    public bool HasKubeProxy { get; init; } = true;

    /// <summary>
    /// Whether the kubelet asks the instance's metadata for credentials of Amazon's registry; null: where it is an EC2
    /// instance.
    /// </summary>
    public bool? EcrCredentials { get; init; }

    /// <summary>Where the API is found.</summary>
    public ApiEndpoint Endpoint { get; init; } = ApiEndpoint.Dns;

    public VirtualAddresses Vip { get; init; } = VirtualAddresses.None;

    /// <summary>Further names by which people and programs reach the API.</summary>
    public IReadOnlyList<string> ApiNames { get; init; } = [];

    /// <summary>The name the machine registers under; null: its host name.</summary>
    public string? NodeName { get; init; }

    /// <summary>With which its Node is registered.</summary>
    public IReadOnlyList<NodeTaint> Taints { get; init; } = [];

    /// <summary>
    /// How long a Node must be gone, by DNS and by its own silence, before masters delete it; null: they never do.
    /// </summary>
    public TimeSpan? ForgetAfter { get; init; }

    /// <summary>With which a worker introduces itself.</summary>
    public BootstrapToken? Token { get; init; }

    /// <summary>Those that masters accept.</summary>
    public IReadOnlyList<BootstrapToken> Tokens { get; init; } = [];

    /// <summary>Newest first: the first one signs, all are believed.</summary>
    public IReadOnlyList<ServiceAccountKey> ServiceAccountKeys { get; init; } = [];

    /// <summary>Newest first: the first one encrypts, all decrypt.</summary>
    public IReadOnlyList<EncryptionKey> EncryptionKeys { get; init; } = [];

    /// <summary>The address of the Service <c>kubernetes</c>: the API, as pods see it.</summary>
    public IPAddress ApiServiceAddress => ServiceCidr.AddressAt(1);

    /// <summary>
    /// "the pods' network 10.200.0.0/16": the one that a machine's own address, or network, must not be in; null if
    /// neither is.
    /// </summary>
    public string? NetworkThatHolds(IPAddress address) => Named(network => network.Contains(address));

    public string? NetworkThatOverlaps(IPNetwork other) => Named(network => network.Overlaps(other));

    public static IPAddress DefaultClusterDnsOf(IPNetwork serviceCidr) => serviceCidr.AddressAt(ClusterDnsPosition);

    private string? Named(Func<IPNetwork, bool> isMeant) =>
        isMeant(PodCidr) ? $"the pods' network {PodCidr}"
        : isMeant(ServiceCidr) ? $"the Services' network {ServiceCidr}"
        : Network == PodNetwork.Overlay && isMeant(OverlayAddresses) ? $"the overlay's network {OverlayAddresses}"
        : null;
}
