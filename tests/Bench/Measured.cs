using System.Globalization;

namespace Images.Bench;

/// <summary>One row of docs/benchmarks.md.</summary>
/// <param name="What">What was measured, against what.</param>
/// <param name="Result">The figure, with its unit or as a ratio.</param>
/// <param name="Aim">What it should be; empty where it is only recorded.</param>
/// <param name="Met">Whether it is; null where it is only recorded.</param>
/// <param name="How">How the two sides were made comparable.</param>
internal sealed record Measured(string What, string Result, string Aim, bool? Met, string How)
{
    public string Verdict => Met switch
    {
        null => "recorded",
        true => $"{Aim}, met",
        false => $"{Aim}, MISSED",
    };

    /// <summary>A ratio that should not exceed an aim.</summary>
    public static Measured Ratio(string what, double ratio, double aim, string how, string format = "0.00") => new(
        what, ratio.ToString(format, CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"≤ {aim}"), ratio <= aim, how);

    /// <summary>A ratio that should reach an aim.</summary>
    public static Measured AtLeast(string what, double ratio, double aim, string how) => new(
        what, ratio.ToString("0.00", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"≥ {aim}"), ratio >= aim, how);

    /// <summary>Seconds that are recorded only.</summary>
    public static Measured Seconds(string what, double seconds, string how) => new(
        what, seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s", "", null, how);
}
