namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What the start rule says to do next. Each one but <see cref="Wait"/> changes the record or ends the waiting.
/// </summary>
internal abstract record EtcdDecision
{
    /// <summary>Ask again later. The reason completes "waiting for …".</summary>
    public sealed record Wait(string Reason) : EtcdDecision;

    /// <summary>Write down the vote for this configuration.</summary>
    public sealed record Vote(EtcdConfiguration Configuration) : EtcdDecision;

    /// <summary>
    /// Ask these machines to void the configuration voted for; nothing changes until they have answered.
    /// </summary>
    public sealed record AskToVoid(
        EtcdConfiguration Configuration, IReadOnlyList<string> Addresses, string Reason) : EtcdDecision;

    /// <summary>The vote is void everywhere it counts: write that down and be blank.</summary>
    public sealed record DropVote(EtcdConfiguration Configuration) : EtcdDecision;

    /// <summary>Write down that the configuration has started, then start etcd with it as <c>new</c>.</summary>
    public sealed record StartNew(EtcdConfiguration Configuration) : EtcdDecision;

    /// <summary>Join the cluster that these machines belong to.</summary>
    public sealed record Join(IReadOnlyList<string> Through) : EtcdDecision;

    /// <summary>The record says member but the data are gone: be a new, blank machine.</summary>
    public sealed record Forget : EtcdDecision;

    /// <summary>Data are here: etcd starts from them and asks nobody.</summary>
    public sealed record Resume : EtcdDecision;
}
