namespace Images.Baker.Tests.Progress;

/// <summary>A clock that stands still until it is moved; its timers ring while it moves.</summary>
internal sealed class SetClock : TimeProvider
{
    private readonly List<Bell> _bells = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Bell bell = new(this, () => callback(state), _now + dueTime, period);
        _bells.Add(bell);
        return bell;
    }

    public void Advance(TimeSpan time)
    {
        TimeSpan end = _now + time;
        while (_bells.Where(bell => bell.Due <= end).MinBy(bell => bell.Due) is { } next)
        {
            _now = next.Due;
            next.Ring();
        }

        _now = end;
    }

    private sealed class Bell(SetClock clock, Action ring, TimeSpan due, TimeSpan period) : ITimer
    {
        public TimeSpan Due { get; private set; } = due;

        public void Ring()
        {
            ring();
            Due += period;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => clock._bells.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
