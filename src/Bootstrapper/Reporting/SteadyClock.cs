namespace Images.Bootstrapper.Reporting;

/// <summary>
/// A clock for durations: it shows the time at which it was made, plus what has passed since. Setting the machine's
/// clock, as time synchronisation does once after boot, neither stretches a wait nor cuts it short.
/// </summary>
internal sealed class SteadyClock(TimeProvider machine) : TimeProvider
{
    private readonly DateTimeOffset _origin = machine.GetUtcNow();
    private readonly long _started = machine.GetTimestamp();

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _origin + machine.GetElapsedTime(_started);

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);
}
