using System.Diagnostics;

namespace Images.Launcher.Roots;

/// <summary>Locks on files, which end with the process that has them.</summary>
internal static class StoreLock
{
    private const int WouldBlock = 11;

    /// <summary>Has the lock with others who share it.</summary>
    /// <exception cref="LauncherException">Somebody has it alone for longer than the patience.</exception>
    public static FileStream Share(string path, TimeSpan patience) =>
        Wait(path, FileAccess.Read, FileShare.Read, patience);

    /// <summary>Has the lock alone.</summary>
    /// <exception cref="LauncherException">Somebody has it for longer than the patience.</exception>
    public static FileStream Take(string path, TimeSpan patience) =>
        Wait(path, FileAccess.ReadWrite, FileShare.None, patience);

    /// <summary>Has the lock alone; null where somebody has it.</summary>
    public static FileStream? TryTake(string path) => Try(path, FileAccess.ReadWrite, FileShare.None);

    private static FileStream Wait(string path, FileAccess access, FileShare share, TimeSpan patience)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            if (Try(path, access, share) is { } taken)
            {
                return taken;
            }

            if (clock.Elapsed > patience)
            {
                throw new LauncherException(
                    "BAKE0932",
                    path,
                    $"is held by another program for {patience.TotalMinutes:0} minutes.",
                    "Wait for it, or end it.");
            }

            Thread.Sleep(20);
        }
    }

    private static FileStream? Try(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share);
        }
        catch (IOException fault) when (fault.HResult == WouldBlock)
        {
            return null;
        }
    }
}
