// A list of ports and its item, read together.
#pragma warning disable MA0048
using Images.NodeConfig.Kubernetes;

namespace Images.NodeConfig.Metadata;

/// <summary>What an lb forwards to the workers beside the API: <c>node.lb</c>.</summary>
public sealed record LbSettings
{
    public static LbSettings None { get; } = new();

    /// <summary>In the order of the text; each port is listened on once.</summary>
    public IReadOnlyList<LbPort> Ports { get; init; } = [];

    /// <summary>
    /// Whether workers are told each client's address in front of its bytes (PROXY protocol, version 2); who listens
    /// there must expect it.
    /// </summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>
    /// Addresses for Services of type LoadBalancer, which masters give and lbs hold; empty where there are none.
    /// </summary>
    public AddressPool Pool { get; init; } = AddressPool.None;
}

/// <summary>A TCP port of the lb, and the workers' that stands behind it.</summary>
public sealed record LbPort(int Listen, int Target);
