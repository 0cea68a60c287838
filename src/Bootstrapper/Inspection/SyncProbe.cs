using Images.NodeConfig;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Inspection;

/// <summary>
/// How long it takes until a few bytes are on the disk, as etcd waits for with each change: a page is written and
/// fsync'ed over and over, for half a second at most.
/// </summary>
internal static class SyncProbe
{
    private const int MostWrites = 100;
    private const int PageBytes = 4096;

    private const string FilePath = NodePaths.StateFolder + "/inspection.tmp";

    private static readonly TimeSpan _whole = TimeSpan.FromMilliseconds(500);

    /// <summary>None on a disk that cannot be written, of which others have more to say.</summary>
    public static IReadOnlyList<TimeSpan> Run(NodeRoot root, TimeProvider time, CancellationToken cancellationToken)
    {
        List<TimeSpan> took = [];
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                root[FilePath], FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
            byte[] page = new byte[PageBytes];
            RandomAccess.Write(file, new byte[MostWrites * PageBytes], 0); // etcd's log has its room in advance, too
            RandomAccess.FlushToDisk(file);
            long started = time.GetTimestamp();
            while (took.Count < MostWrites && time.GetElapsedTime(started) < _whole
                && !cancellationToken.IsCancellationRequested)
            {
                long before = time.GetTimestamp();
                RandomAccess.Write(file, page, took.Count * PageBytes);
                RandomAccess.FlushToDisk(file);
                took.Add(time.GetElapsedTime(before));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return took;
    }
}
