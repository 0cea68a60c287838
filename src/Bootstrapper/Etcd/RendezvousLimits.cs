namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What the rendezvous port bears. A question takes milliseconds, and a machine asks another one or two at a time.
/// </summary>
internal sealed record RendezvousLimits
{
    public int ConnectionsAtOnce { get; init; } = 64;

    public int ConnectionsPerAddress { get; init; } = 8;

    /// <summary>For a whole conversation, from the connection on.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
}
