namespace Images.Baker.Tests.Upgrading;

/// <summary>A second goes by at each look at the clock.</summary>
internal sealed class HurryingTime : TimeProvider
{
    private long _seconds;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Interlocked.Increment(ref _seconds);
}
