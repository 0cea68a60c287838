namespace Images.Baker.Caching;

/// <summary>
/// Held by every command while it uses the cache: a shared lock on the file <c>in-use</c>, which ends with the process
/// however that ends. Only who has it alone removes anything, so nobody loses a file that he is about to read.
/// </summary>
internal sealed class CacheLease : IDisposable
{
    private static readonly TimeSpan _waitForOther = TimeSpan.FromMilliseconds(50);

    private readonly FileStream? _lock;

    private CacheLease(FileStream? heldLock) => _lock = heldLock;

    /// <summary>
    /// Waits while somebody tidies the cache up, which takes moments. Who comes first removes what killed
    /// commands left half-written.
    /// </summary>
    public static CacheLease Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream? alone = TryTakeAlone(folder))
            {
                if (alone is not null)
                {
                    CacheSweep.RemoveHalfWritten(folder);
                }
            }

            while (true)
            {
                if (TryLock(FileOf(folder), FileAccess.Read, FileShare.Read) is { } shared)
                {
                    return new CacheLease(shared);
                }

                Thread.Sleep(_waitForOther);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // a cache that this user may only read is used as it is; the first write says that it cannot be written
            return new CacheLease(null);
        }
    }

    /// <summary>The right to remove files, until it is disposed; null while a command uses the cache.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static FileStream? TryTakeAlone(string folder) =>
        TryLock(FileOf(folder), FileAccess.ReadWrite, FileShare.None);

    /// <summary>Opens or creates a file and locks it; null while another process or task holds it.</summary>
    /// <exception cref="IOException">Any other failure.</exception>
    public static FileStream? TryLock(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share, 1 << 16);
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            return null;
        }
    }

    /// <summary>Whether a file could not be opened because another process or task holds it.</summary>
    public static bool IsSharingViolation(IOException exception) =>
        // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows
        exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    public void Dispose() => _lock?.Dispose();

    private static string FileOf(string folder) => Path.Combine(folder, "in-use");
}
