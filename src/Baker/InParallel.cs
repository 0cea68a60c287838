using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Images.Baker;

/// <summary>Work spread over the processors whose faults stay what they are, so that the outermost edge can name them.</summary>
internal static class InParallel
{
    /// <summary>Starts the items in their order. After a fault no further one is started, and the first fault is thrown by itself.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void ForEach<TItem>(IEnumerable<TItem> items, Action<TItem> work, CancellationToken cancellationToken = default)
    {
        try
        {
            // one at a time: the items differ in length by a thousand times
            Partitioner<TItem> partitioner = Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(partitioner, new ParallelOptions { CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.Flatten().InnerExceptions[0]);
        }
    }
}
