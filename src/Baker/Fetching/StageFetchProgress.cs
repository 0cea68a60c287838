using Images.Baker.Progress;

namespace Images.Baker.Fetching;

/// <summary>Turns running totals of downloads into a stage's bytes; only what came over the network counts.</summary>
internal sealed class StageFetchProgress(BakeStage stage) : IProgress<FetchProgress>
{
    private long _reported;

    public void Report(FetchProgress value)
    {
        long before = Interlocked.Exchange(ref _reported, value.DownloadedBytes);
        stage.Add(value.DownloadedBytes - before);
    }
}
