using System.Globalization;
using System.Runtime.InteropServices;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// What only a burst of work needed, as starting is one: the collector and the C library's heap, where OpenSSL lives,
/// keep it, and the code that ran stays mapped. On a machine whose memory is for others it goes back to the system;
/// what is needed again is read again.
/// </summary>
internal static partial class SpareMemory
{
    private const int PageOut = 21; // MADV_PAGEOUT, Linux 5.4

    private static readonly TimeSpan _afterStarting = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _again = TimeSpan.FromHours(1);

    /// <summary>Gives it back now and then until it is cancelled.</summary>
    public static async Task RunAsync(Action giveBack, TimeProvider time, CancellationToken cancellationToken)
    {
        for (TimeSpan pause = _afterStarting; ; pause = _again)
        {
            await Task.Delay(pause, time, cancellationToken);
            giveBack();
        }
    }

    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = malloc_trim(0);
        foreach ((nint start, nint end) in UnchangedFiles(File.ReadAllLines("/proc/self/maps")))
        {
            _ = madvise(start, end - start, PageOut); // an older kernel refuses, and nothing is lost
        }
    }

    /// <summary>
    /// Mappings of files that nothing writes to, as proc_pid_maps(5) lists them: <c>start-end permissions offset device
    /// inode path</c>.
    /// </summary>
    private static IEnumerable<(nint Start, nint End)> UnchangedFiles(IEnumerable<string> maps) =>
        from line in maps
        let fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)
        where fields is [_, [_, '-', ..], _, _, _, ['/', ..] path]
            && !path.StartsWith("/memfd:", StringComparison.Ordinal)
        let ends = fields[0].Split('-')
        select (Address(ends[0]), Address(ends[1]));

    private static nint Address(string text) => nint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>malloc_trim(3).</summary>
    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    /// <summary>madvise(2).</summary>
    [LibraryImport("libc")]
    private static partial int madvise(nint address, nint length, int advice);
}
