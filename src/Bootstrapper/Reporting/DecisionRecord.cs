namespace Images.Bootstrapper.Reporting;

/// <summary>Something that was decided or done, and when (seconds since the kernel started).</summary>
internal sealed record DecisionRecord(double At, string Text);
