namespace Images.Bootstrapper.Health;

internal sealed record HealthReport
{
    public required bool IsReady { get; init; }

    /// <summary>systemd has given the unit up.</summary>
    public bool HasFailed { get; init; }

    /// <summary>What was seen, in words.</summary>
    public required string Detail { get; init; }
}
