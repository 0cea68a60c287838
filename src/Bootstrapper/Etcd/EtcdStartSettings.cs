using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>What the start of etcd needs to know of its machine.</summary>
internal sealed record EtcdStartSettings
{
    public required string Cluster { get; init; }

    public required int Size { get; init; }

    public required string Address { get; init; }

    /// <summary>Whether etcd's data folder holds a member's log.</summary>
    public required Func<bool> HasData { get; init; }

    /// <summary>Removes what etcd's data folder holds.</summary>
    public Action DropData { get; init; } = () => { };

    public Func<string, string> PeerUrl { get; init; } = EtcdPaths.PeerUrl;

    /// <summary>
    /// How long a DNS answer must have stood for several machines to vote on it. Safety does not need it; it spares
    /// votes that are given up again.
    /// </summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two rounds, once they have gone on for a while.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    public string NameServerList { get; init; } = NameServers.ResolvedList;
}
