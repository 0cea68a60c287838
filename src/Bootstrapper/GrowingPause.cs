namespace Images.Bootstrapper;

/// <summary>
/// Pauses of one wait: short at first and then a tenth of the time that was waited, so that no wait is much longer than
/// what it waits for, and who has waited long asks seldom. Sixty seconds are some forty looks.
/// </summary>
/// <param name="longest">No pause is longer.</param>
internal sealed class GrowingPause(TimeSpan longest, TimeProvider time)
{
    /// <summary>The first pause.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    private const double Growth = 1.1;

    private TimeSpan _next = Shortest < longest ? Shortest : longest;

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>The pause that comes now, for who waits in another way.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = pause * Growth < longest ? pause * Growth : longest;
        return pause;
    }

    /// <summary>Something happened: what comes next is likely to be near.</summary>
    public void Restart() => _next = Shortest < longest ? Shortest : longest;
}
