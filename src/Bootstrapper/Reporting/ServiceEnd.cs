namespace Images.Bootstrapper.Reporting;

/// <summary>A service's program has ended by itself.</summary>
/// <param name="At">When that was seen, in seconds since the kernel started.</param>
/// <param name="Cause">
/// "signal 9", "exit code 1", …; null where nobody saw it before systemd had started it anew.
/// </param>
internal sealed record ServiceEnd(double At, string? Cause);
