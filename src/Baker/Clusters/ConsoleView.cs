namespace Images.Baker.Clusters;

/// <summary>Prints a node's console as it grows.</summary>
internal static class ConsoleView
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <summary>Goes on until it is cancelled, or the cluster's supervisor has ended.</summary>
    /// <param name="place">The cluster.</param>
    /// <param name="node">Whose console.</param>
    /// <param name="output">Gets it as it is, unless it is a terminal.</param>
    /// <param name="isTerminal">Whether nothing may steer whoever reads.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BakeException">There is no such node, or it never started.</exception>
    public static async Task<int> ShowAsync(
        ClusterPlace place, string node, Stream output, bool isTerminal, CancellationToken cancellationToken)
    {
        place.ReadPlan().Require(node);
        string path = Path.Combine(place.Paths.Logs, $"{node}.console");
        using FileStream console = Open(path, node);
        ConsoleText? text = isTerminal ? new ConsoleText() : null;
        try
        {
            while (true)
            {
                bool isLast = place.FindSupervisor() is null;
                await CopyAsync(console, output, text, cancellationToken).ConfigureAwait(false);
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

    /// <summary>To the console's end, as it is now.</summary>
    public static async Task CopyAsync(
        Stream console, Stream output, ConsoleText? text, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 << 10];
        int count;
        while ((count = await console.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            ReadOnlyMemory<byte> shown = text is null ? buffer.AsMemory(0, count) : text.Of(buffer.AsSpan(0, count));
            await output.WriteAsync(shown, cancellationToken).ConfigureAwait(false);
        }

        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
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
