namespace Images.Bootstrapper.Etcd;

/// <summary>What a machine says of itself at the rendezvous.</summary>
internal sealed record PeerStatus
{
    public required string Cluster { get; init; }

    /// <summary>The cluster's size by this machine's metadata.</summary>
    public required int Size { get; init; }

    public required string Name { get; init; }

    public required EtcdPhase Phase { get; init; }

    public EtcdConfiguration? Configuration { get; init; }

    /// <summary>The addresses that it sees in DNS.</summary>
    public required IReadOnlyList<string> Sees { get; init; }
}
