using System.Globalization;

namespace Images.Bootstrapper.Reporting;

/// <summary>A duty of the agent that fails again and again.</summary>
internal sealed record DutyFault
{
    public required string Name { get; init; }

    /// <summary>Why it failed the last time.</summary>
    public required string Reason { get; init; }

    /// <summary>When it failed first without having worked for a while since.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How often it has failed since then.</summary>
    public required int Times { get; init; }

    /// <summary>"add-ons: fails since 2026-01-02 03:04:05 UTC, last with …".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name}: fails since {Since:yyyy-MM-dd HH:mm:ss} UTC, last with {Reason}");
}
