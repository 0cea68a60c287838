using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Set where a haproxy reads its files again: the process that follows knows nothing of what the one before was told.
/// It is there within a second or so, and nothing says when.
/// </summary>
internal sealed class ReloadSignal(TimeProvider time)
{
    private static readonly TimeSpan _settles = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _meanwhile = TimeSpan.FromMilliseconds(200);

    private readonly ChangeSignal _signal = new(time);
    private long _at;

    public void Set()
    {
        Volatile.Write(ref _at, Math.Max(time.GetTimestamp(), 1)); // zero is never
        _signal.Set();
    }

    /// <summary>Until the next look: soon while a reload settles.</summary>
    public Task WaitAsync(TimeSpan usual, CancellationToken cancellationToken)
    {
        long at = Volatile.Read(ref _at);
        bool isSettling = at != 0 && time.GetElapsedTime(at) < _settles;
        return _signal.WaitAsync(isSettling && _meanwhile < usual ? _meanwhile : usual, cancellationToken);
    }
}
