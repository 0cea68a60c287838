namespace Images.Bootstrapper.Tests;

/// <summary>A clock that jumps to the end of every delay, so that minutes pass in no time.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Told of each jump, with the time since the start.</summary>
    public Action<TimeSpan> Jumped { get; set; } = _ => { };

    public void Advance(TimeSpan time) => Jumped(TimeSpan.FromTicks(Interlocked.Add(ref _ticks, time.Ticks)));

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
        {
            Advance(dueTime);
        }

        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
