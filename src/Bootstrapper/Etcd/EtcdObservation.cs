using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Etcd;

/// <summary>Everything the start rule looks at, gathered in one round of questions.</summary>
internal sealed record EtcdObservation
{
    public required string Cluster { get; init; }

    /// <summary>How many members a new cluster starts with.</summary>
    public required int Size { get; init; }

    public required string Address { get; init; }

    public required EtcdRecord Record { get; init; }

    /// <summary>Whether etcd's data folder holds a member's data.</summary>
    public required bool HasData { get; init; }

    /// <summary>The last good answer of DNS.</summary>
    public required PeerSet Peers { get; init; }

    /// <summary>Whether that answer has stood long enough to act on.</summary>
    public required bool PeersStable { get; init; }

    /// <summary>This round's answers by address, own address excluded. Whoever did not answer is missing.</summary>
    public required IReadOnlyDictionary<string, PeerStatus> Answers { get; init; }

    /// <summary>
    /// Answers to the request to void the configuration voted for, by address, since this vote was doubted.
    /// </summary>
    public required IReadOnlyDictionary<string, VoidAnswer> VoidAnswers { get; init; }
}
