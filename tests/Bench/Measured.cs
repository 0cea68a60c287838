namespace Images.Bench;

/// <summary>One row of docs/benchmarks.md.</summary>
/// <param name="What">What was measured, against what.</param>
/// <param name="Result">The figure, with its unit or as a ratio.</param>
/// <param name="Aim">What it should be; empty where it is only recorded.</param>
/// <param name="Met">Whether it is; null where it is only recorded.</param>
/// <param name="How">How the two sides were made comparable.</param>
internal sealed record Measured(string What, string Result, string Aim, bool? Met, string How);
