namespace Images.Bootstrapper.Discovery;

/// <summary>How often a machine asks for a name of peers.</summary>
internal sealed record PeerRhythm
{
    /// <summary>
    /// How long an answer counts as one of this moment: whoever asks within it is given what another has heard. Shorter
    /// than the first pause of those who wait for a name to appear.
    /// </summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>The same for a name that has stood still; shorter than <see cref="Pause"/>.</summary>
    public TimeSpan RoundWhenStill { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>Between two look-ups of who follows a name.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan PauseWhenStill { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A name stands still that has had the same addresses for so long, and has them now.</summary>
    public TimeSpan Still { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a machine that left DNS stays in files that follow a name.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromMinutes(1);
}
