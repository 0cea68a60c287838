using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Prepare;

/// <summary>Waits for files that another service of the machine makes.</summary>
internal sealed class NeededFiles(NodeRoot root, TimeProvider time)
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    public async Task WaitAsync(IReadOnlyList<string> paths, WaitReport report, CancellationToken cancellationToken)
    {
        foreach (string path in paths)
        {
            GrowingPause pause = new(_longestPause, time);
            while (!File.Exists(root[path]))
            {
                report.Waiting(path, "it is not there yet");
                await pause.WaitAsync(cancellationToken);
            }
        }
    }
}
