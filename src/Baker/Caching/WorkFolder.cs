namespace Images.Baker.Caching;

/// <summary>
/// A folder below the cache for files that are needed for a while, removed at the end. Held by a lock, so that what an
/// ended bake left behind is told from what a running one uses.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly FileStream _lock;

    private WorkFolder(string path, FileStream held)
    {
        FullPath = path;
        _lock = held;
    }

    public string FullPath { get; }

    public string this[string name] => Path.Combine(FullPath, name);

    /// <exception cref="BakeException">The cache cannot be written.</exception>
    public static WorkFolder Create(string cacheFolder)
    {
        string folder = Path.Combine(cacheFolder, "work");
        try
        {
            Directory.CreateDirectory(folder);
            for (int number = 0; ; number++)
            {
                string path = Path.Combine(folder, $"{number}");
                if (CacheLease.TryLock(path + ".lock", FileAccess.ReadWrite, FileShare.None) is { } held)
                {
                    Remove(path);
                    Directory.CreateDirectory(path);
                    return new WorkFolder(path, held);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(folder, exception);
        }
    }

    /// <summary>Removes what killed bakes left. To be called by who has the cache alone.</summary>
    public static void RemoveAbandoned(string cacheFolder)
    {
        DirectoryInfo folder = new(Path.Combine(cacheFolder, "work"));
        foreach (DirectoryInfo left in folder.Exists ? folder.GetDirectories() : [])
        {
            using FileStream? held = CacheLease.TryLock(left.FullName + ".lock", FileAccess.ReadWrite, FileShare.None);
            if (held is not null)
            {
                left.Delete(recursive: true);
            }
        }
    }

    public void Dispose()
    {
        Remove(FullPath);
        _lock.Dispose();
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
