using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Images.Formats;

namespace Images.Baker;

/// <summary>
/// Work spread over the processors whose faults stay what they are, so that the outermost edge can name them.
/// </summary>
internal static class InParallel
{
    /// <summary>
    /// Starts the items in their order. After a fault no further one is started, and the first
    /// fault is thrown by itself.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void ForEach<TItem>(
        IEnumerable<TItem> items, Action<TItem> work, CancellationToken cancellationToken = default)
    {
        try
        {
            // one at a time: the items differ in length by a thousand times
            Partitioner<TItem> partitioner = Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(partitioner, Options(cancellationToken), work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions[0]);
        }
    }

    /// <summary>The same for work that may wait for the network.</summary>
    /// <inheritdoc cref="ForEach"/>
    public static Task ForEachAsync<TItem>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items, Options(cancellationToken), work);

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = WorkLimits.Items, CancellationToken = cancellationToken };
}
