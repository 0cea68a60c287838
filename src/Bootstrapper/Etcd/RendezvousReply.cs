namespace Images.Bootstrapper.Etcd;

/// <summary>The answer: always who the machine is after the question, and its word when it was asked to void something.</summary>
internal sealed record RendezvousReply
{
    public required PeerStatus Status { get; init; }

    public VoidAnswer? Word { get; init; }
}
