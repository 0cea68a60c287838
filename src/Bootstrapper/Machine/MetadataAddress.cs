namespace Images.Bootstrapper.Machine;

/// <summary>
/// Where a cloud serves a machine its metadata, and perhaps its credentials. Every one of them speaks HTTP over TCP;
/// at the same address clouds serve names, time, leases of addresses, or ask whether a machine is well.
/// </summary>
/// <param name="Address">IPv4.</param>
/// <param name="TcpPorts">
/// Where it serves what is to be closed; empty: all that it serves but names and time.
/// </param>
internal sealed record MetadataAddress(string Address, IReadOnlyList<int> TcpPorts)
{
    /// <summary>Clouds that are not recognised by their firmware use it, too.</summary>
    public static MetadataAddress Common { get; } = new("169.254.169.254", []);

    private static readonly (string? Platform, MetadataAddress Address)[] _rows =
    [
        (null, Common),

        // its agent's ports; names, leases and the load balancer's questions come from the same address
        ("Azure", new("168.63.129.16", [80, 32526])),
        ("Alibaba", new("100.100.100.200", [])),
        ("Oracle", new("192.0.0.192", [])),

        // credentials of ECS tasks
        (PlatformTable.Ec2, new("169.254.170.2", [])),
        ("Scaleway", new("169.254.42.42", [])),
    ];

    /// <summary>What is served where: of an unknown platform all of the list.</summary>
    public static IReadOnlyList<MetadataAddress> Of(Platform? platform) =>
    [
        .. _rows.Where(row => platform is null || row.Platform is null || row.Platform == platform.Name)
            .Select(row => row.Address),
    ];

    public static bool IsAny(string host) => _rows.Any(row => row.Address.Address == host);
}
