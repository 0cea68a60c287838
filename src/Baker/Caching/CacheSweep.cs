using Images.Baker.Progress;
using Images.Launcher;
using Images.Launcher.Roots;

namespace Images.Baker.Caching;

/// <summary>
/// Keeps the cache from growing for ever: by the time of last use, which
/// <see cref="CacheFolder.MarkUsed"/> notes, and by size.
/// </summary>
internal static class CacheSweep
{
    /// <summary>Empty; its time says when the cache was last tidied up.</summary>
    private const string StampName = "tidied-up";

    private static readonly string[] _kept = ["sha256", "sha512", "layers", "derived"];

    /// <summary><see cref="Run"/>, but not more than once a day: looking at every file costs each bake time.</summary>
    /// <inheritdoc cref="Run"/>
    public static void RunDaily(string folder, CacheLimits limits, TimeProvider clock, Action<string> notice)
    {
        FileInfo stamp = new(Path.Combine(folder, StampName));
        if (stamp.Exists && (clock.GetUtcNow().UtcDateTime - stamp.LastWriteTimeUtc).Duration() < TimeSpan.FromDays(1))
        {
            return;
        }

        Run(folder, limits, clock, notice);
        try
        {
            File.WriteAllBytes(stamp.FullName, []);
            File.SetLastWriteTimeUtc(stamp.FullName, clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // a cache that this user may only read
        }
    }

    /// <summary>Removes what is not needed; nothing at all while another command uses the cache.</summary>
    /// <param name="folder">The cache folder.</param>
    /// <param name="limits">What stays.</param>
    /// <param name="clock">Tells the age.</param>
    /// <param name="notice">Told how much went, if anything did.</param>
    public static void Run(string folder, CacheLimits limits, TimeProvider clock, Action<string> notice)
    {
        try
        {
            using FileStream? alone = CacheLease.TryTakeAlone(folder);
            if (alone is not null)
            {
                RemoveUnused(folder, limits, clock.GetUtcNow().UtcDateTime, notice);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // a cache that this user may only read
        }
    }

    /// <summary>
    /// Layers and results that a killed command left under a passing name. To be called by who has the cache alone.
    /// </summary>
    public static void RemoveHalfWritten(string folder)
    {
        foreach (FileInfo file in FilesOf(folder, "layers")
            .Concat(FilesOf(folder, "derived"))
            .Where(file => IsHalfWritten(file) && !IsHeld(file)))
        {
            TryDelete(file);
        }

        WorkFolder.RemoveAbandoned(folder);
    }

    private static void RemoveUnused(string folder, CacheLimits limits, DateTime now, Action<string> notice)
    {
        foreach (FileInfo download in FilesOf(folder, "partial")
            .Where(file => now - file.LastWriteTimeUtc > CacheLimits.BrokenOffFor))
        {
            TryDelete(download);
        }

        BuiltPrograms.RemoveUnused(folder, now - limits.UnusedFor);
        RemoveUnusedRoots(folder, now - limits.UnusedFor, notice);
        long held = 0, freed = 0;
        int count = 0;
        foreach (FileInfo file in _kept
            .SelectMany(name => FilesOf(folder, name))
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .ThenBy(file => file.FullName, StringComparer.Ordinal))
        {
            TimeSpan age = now - file.LastWriteTimeUtc;
            long length = file.Length;
            held += length;
            if ((age > limits.UnusedFor || (held > limits.Bytes && age > limits.KeptFor)) && TryDelete(file))
            {
                held -= length;
                freed += length;
                count++;
            }
        }

        if (count > 0)
        {
            notice($"{count} files of the cache {folder} "
                + $"that nothing has used for long are removed, {ByteText.Size(freed)}.");
        }
    }

    /// <summary>Roots that clusters unpacked; those in use are held by their supervisors.</summary>
    private static void RemoveUnusedRoots(string folder, DateTime usedBefore, Action<string> notice)
    {
        try
        {
            int count = OperatingSystem.IsLinux() ? RootStore.Sweep(folder, usedBefore) : 0;
            if (count > 0)
            {
                notice($"{count} unpacked roots of the cache {folder} that no cluster has used for long are removed.");
            }
        }
        catch (LauncherException fault)
        {
            notice($"unpacked roots of the cache stay: {fault.Message}");
        }
    }

    private static bool IsHalfWritten(FileInfo file) => file.Name.EndsWith(".partial", StringComparison.Ordinal)
        || file.Name.Contains(".layer.partial-", StringComparison.Ordinal);

    /// <summary>A baker of an earlier version takes no lease, but it locks what it writes.</summary>
    private static bool IsHeld(FileInfo file)
    {
        try
        {
            using FileStream? free = CacheLease.TryLock(file.FullName, FileAccess.ReadWrite, FileShare.None);
            return free is null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static FileInfo[] FilesOf(string folder, string name)
    {
        DirectoryInfo part = new(Path.Combine(folder, name));
        return part.Exists ? part.GetFiles() : [];
    }

    private static bool TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // another user's; it stays
            return false;
        }
    }
}
