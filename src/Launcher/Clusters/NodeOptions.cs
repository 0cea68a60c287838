using System.Globalization;

namespace Images.Launcher.Clusters;

/// <summary>What a node is, before it is started.</summary>
internal sealed record NodeOptions
{
    /// <summary>A DNS label; also the name of its folder, control group and console.</summary>
    public required string Name { get; init; }

    /// <summary>Last part of its address, 10 to 199; DHCP gives it <c>10.240.0.NUMBER</c>.</summary>
    public required int Number { get; init; }

    /// <summary>Its resolver is the second DNS server's.</summary>
    public bool OnSecondServer { get; init; }

    public string Address => BridgeNetwork.Prefix + Number.ToString(CultureInfo.InvariantCulture);

    public string Mac => string.Create(CultureInfo.InvariantCulture, $"52:54:00:4b:39:{Number:x2}");
}
