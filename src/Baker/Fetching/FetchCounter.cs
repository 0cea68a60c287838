namespace Images.Baker.Fetching;

/// <summary>Adds up the bytes of several downloads.</summary>
internal sealed class FetchCounter(long totalBytes, long missingBytes, IProgress<FetchProgress>? progress)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);
    private long _downloaded;

    /// <summary>So many bytes of this file are there. Fewer than before when a download starts again.</summary>
    public void Set(string name, long bytes)
    {
        lock (_lock)
        {
            _downloaded += bytes - _bytes.GetValueOrDefault(name);
            _bytes[name] = bytes;
            progress?.Report(new FetchProgress(totalBytes - missingBytes + _downloaded, totalBytes, _downloaded));
        }
    }
}
