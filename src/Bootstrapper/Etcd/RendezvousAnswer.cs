namespace Images.Bootstrapper.Etcd;

/// <summary>What came of a question: a reply, or why there is none.</summary>
internal sealed record RendezvousAnswer
{
    public RendezvousReply? Reply { get; init; }

    public string? Failure { get; init; }

    public static RendezvousAnswer Failed(string failure) => new() { Failure = failure };
}
