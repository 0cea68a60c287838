namespace Images.Baker.Progress;

/// <summary>A running stage. Bytes may be reported from any thread.</summary>
internal sealed class BakeStage(string name, long? totalBytes, TimeProvider clock, Action<StageTime> ended)
    : IDisposable
{
    private readonly long _started = clock.GetTimestamp();
    private long _bytes;

    public string Name => name;

    /// <summary>Bytes the stage will report, where known.</summary>
    public long? TotalBytes => totalBytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What it is at, where bytes do not tell; set from any thread.</summary>
    public string Detail { get; set; } = "";

    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    public void Dispose() => ended(new StageTime(name, Elapsed, Bytes));
}
