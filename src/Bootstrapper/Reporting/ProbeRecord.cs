namespace Images.Bootstrapper.Reporting;

/// <summary>What one datasource said, how often and how quickly.</summary>
internal sealed record ProbeRecord
{
    public required string Source { get; init; }

    /// <summary>
    /// <c>found</c>, <c>absent</c>, <c>waiting</c> (named by the user and not answering yet) or <c>refused</c>.
    /// </summary>
    public required string Result { get; init; }

    public required string Reason { get; init; }

    /// <summary>Of the last time.</summary>
    public required int Milliseconds { get; init; }

    public required int Times { get; init; }
}
