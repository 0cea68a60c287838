// Where the API is found: at an address that moves, or by DNS; read together.
#pragma warning disable MA0048
using System.Net;

namespace Images.NodeConfig.Kubernetes;

/// <summary>Where the cluster's machines and people find the API.</summary>
public enum ApiEndpoint
{
    /// <summary>At the masters that DNS names.</summary>
    Dns,

    /// <summary>At the virtual address that one of the masters holds.</summary>
    Vip,

    /// <summary>At the virtual address that one of the lbs holds.</summary>
    Lb,
}

/// <summary>
/// Addresses that one machine of a role holds at a time: <c>node.kubernetes.vip</c>. Each is null where there is none.
/// </summary>
public sealed record VirtualAddresses
{
    /// <summary>One that bears a machine which stands still for two seconds.</summary>
    public const decimal DefaultInterval = 1;

    public static VirtualAddresses None { get; } = new();

    /// <summary>Of the masters.</summary>
    public IPAddress? Masters { get; init; }

    /// <summary>Of the lbs.</summary>
    public IPAddress? Lb { get; init; }

    /// <summary>
    /// Seconds between two advertisements of the holder, in hundredths (RFC 5798, 5.2.7). Who hears none for three of
    /// them, and a part of one by its priority, takes the address.
    /// </summary>
    public decimal Interval { get; init; } = DefaultInterval;

    /// <summary>Those that there are, the masters' first.</summary>
    public IEnumerable<IPAddress> All => new[] { Masters, Lb }.OfType<IPAddress>();

    /// <summary>
    /// The number by which keepalived tells virtual routers apart (RFC 5798, 5.2.3: 1 to 255): the last part of the
    /// address, so that nobody has to agree on one.
    /// </summary>
    public static int RouterIdOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.GetAddressBytes()[^1];
    }
}
