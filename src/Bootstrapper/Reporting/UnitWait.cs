namespace Images.Bootstrapper.Reporting;

/// <summary>What a unit's preparation waits for.</summary>
internal sealed record UnitWait
{
    public required string Unit { get; init; }

    public required string What { get; init; }

    public required string LastSeen { get; init; }

    public required DateTimeOffset Since { get; init; }
}
