namespace Images.Baker.Clusters;

/// <summary>Prints a node's console as it grows.</summary>
internal static class ConsoleView
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>Goes on until it is cancelled, or the cluster's supervisor has ended.</summary>
    /// <exception cref="BakeException">There is no such node, or it never started.</exception>
    public static async Task<int> ShowAsync(
        ClusterPlace place, string node, Stream output, CancellationToken cancellationToken)
    {
        place.ReadPlan().Require(node);
        string path = Path.Combine(place.Paths.Logs, $"{node}.console");
        using FileStream console = Open(path, node);
        try
        {
            while (true)
            {
                bool isLast = place.FindSupervisor() is null;
                await console.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (isLast)
                {
                    return 0;
                }

                await Task.Delay(_look, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0; // Ctrl+C is how one leaves
        }
    }

    private static FileStream Open(string path, string node)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException absence)
        {
            throw new BakeException(
                "BAKE0965",
                node,
                "has not been started yet.",
                "Start the cluster with 'baker cluster up'.",
                inner: absence);
        }
    }
}
