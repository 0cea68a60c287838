namespace Images.Bootstrapper.Reporting;

/// <summary>Who stands behind a name of peers.</summary>
internal sealed record PeerNameStatus
{
    /// <summary>Absolute, with its dot.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Why the last look-up gave nothing; the peers are those of the last good one then. Null after a good one.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>Those that DNS names, and members that it does not name; sorted by address.</summary>
    public required IReadOnlyList<PeerStatusLine> Peers { get; init; }
}
