namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>A clock that the test moves. Pauses of a few seconds take no time; longer ones do not end.</summary>
/// <param name="ahead">How wrong this machine's clock is.</param>
internal sealed class SetTime(TimeSpan ahead = default) : TimeProvider
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _inNoTime = TimeSpan.FromMilliseconds(5);

    private readonly DateTimeOffset _start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) + ahead;
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(GetTimestamp());

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime <= _longestPause ? _inNoTime : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
