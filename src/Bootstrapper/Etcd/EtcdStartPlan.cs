namespace Images.Bootstrapper.Etcd;

/// <summary>What etcd is started with.</summary>
internal sealed record EtcdStartPlan
{
    public const string New = "new";
    public const string Existing = "existing";

    public required string Name { get; init; }

    /// <summary><c>name=url</c>, separated by commas.</summary>
    public required string InitialCluster { get; init; }

    /// <summary><see cref="New"/> or <see cref="Existing"/>.</summary>
    public required string InitialClusterState { get; init; }

    public required string InitialClusterToken { get; init; }

    /// <summary>Addresses of the members that are known; this machine's included.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <param name="record">A record that is a member's, or any when etcd has its own data.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="address">The machine's own address.</param>
    /// <param name="peerUrl">How a member's address is reached.</param>
    public static EtcdStartPlan Of(
        EtcdRecord record, string cluster, string address, Func<string, string> peerUrl) => record switch
        {
            { Phase: EtcdPhase.Started, Configuration: EtcdConfiguration configuration } => new EtcdStartPlan
            {
                Name = record.Name,
                InitialCluster = string.Join(
                    ',', configuration.Members.Select(member => $"{member.Name}={peerUrl(member.Address)}")),
                InitialClusterState = New,
                InitialClusterToken = configuration.Token,
                Members = [.. configuration.Members.Select(member => member.Address)],
            },
            _ => new EtcdStartPlan
            {
                Name = record.Name,
                InitialCluster = record.Join?.InitialCluster ?? $"{record.Name}={peerUrl(address)}",
                InitialClusterState = Existing,
                InitialClusterToken = cluster,
                Members = [address],
            },
        };
}
