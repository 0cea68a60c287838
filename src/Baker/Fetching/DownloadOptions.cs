namespace Images.Baker.Fetching;

internal sealed record DownloadOptions
{
    /// <summary>How long one read may bring nothing before the connection counts as dead.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before the second attempt; each further one doubles it.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Attempts in a row that bring no byte, before a mirror is given up. One that brings some starts the count again.
    /// </summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Files downloaded at once.</summary>
    public int Parallel { get; init; } = 6;
}
