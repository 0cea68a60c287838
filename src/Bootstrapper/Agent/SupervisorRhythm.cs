namespace Images.Bootstrapper.Agent;

/// <summary>When a duty that failed is tried again, and when it counts as well.</summary>
internal sealed record SupervisorRhythm
{
    /// <summary>After the first failure; each pause is twice the one before.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A duty that has run for so long is no longer shown as one that fails.</summary>
    public TimeSpan Well { get; init; } = TimeSpan.FromMinutes(2);
}
