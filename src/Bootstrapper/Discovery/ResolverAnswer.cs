namespace Images.Bootstrapper.Discovery;

/// <summary>What one look-up gave: addresses, or why there are none.</summary>
internal sealed record ResolverAnswer
{
    public required PeerSet Addresses { get; init; }

    /// <summary>In words; null when <see cref="Addresses"/> holds at least one.</summary>
    public string? Failure { get; init; }

    public static ResolverAnswer Of(PeerSet addresses) => addresses.Count == 0
        ? Failed("the answer holds no address")
        : new ResolverAnswer { Addresses = addresses };

    public static ResolverAnswer Failed(string failure) => new() { Addresses = PeerSet.Empty, Failure = failure };
}
