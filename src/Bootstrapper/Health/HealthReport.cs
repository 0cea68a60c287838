using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Health;

internal sealed record HealthReport
{
    public required bool IsReady { get; init; }

    /// <summary>What was seen, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>What systemd says of the unit.</summary>
    public UnitState State { get; init; } = new() { Unit = "" };
}
