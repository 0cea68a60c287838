using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Restoring;

/// <summary>
/// The InRelease files that a lock was resolved from, in a folder beside it: mirrors keep the newest only, and without
/// the text nobody can see later that the lock's digests were signed.
/// </summary>
internal static class ReleaseTexts
{
    private const string Extension = ".InRelease";

    /// <summary>image.lock.releases beside image.lock.json.</summary>
    public static string FolderOf(string lockPath) => Path.ChangeExtension(lockPath, "releases");

    /// <summary>
    /// debian_trixie_0584fba32e13.InRelease: the image and Kubernetes may want one suite of two days.
    /// </summary>
    public static string NameOf(LockedRelease release) =>
        $"{release.Archive}_{release.Suite}_{release.InRelease.Hex[..12]}{Extension}";

    /// <summary>Writes the lock's texts that the cache holds, and removes those of earlier locks.</summary>
    /// <exception cref="BakeException">They cannot be written.</exception>
    public static void Write(string lockPath, ImageLock imageLock, ContentCache cache)
    {
        string folder = FolderOf(lockPath);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (LockedRelease release in imageLock.AllReleases)
            {
                string path = Path.Combine(folder, NameOf(release));
                if (cache.SizeOf(release.InRelease) is { } size && !File.Exists(path)
                    && cache.TryOpen(release.InRelease, size) is { } text)
                {
                    using (text)
                    using (FileStream partial = File.Create(path + ".partial"))
                    {
                        text.CopyTo(partial);
                    }

                    File.Move(path + ".partial", path);
                }
            }

            foreach (string old in Directory.GetFiles(folder, "*" + Extension)
                .Except(imageLock.AllReleases.Select(release => Path.Combine(folder, NameOf(release)))))
            {
                File.Delete(old);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0303", folder, $"The texts of the releases cannot be written: {exception.Message}",
                "Make the folder writable, or make room.", BakeFault.Output, exception);
        }
    }

    /// <returns>Null where it is not there.</returns>
    /// <exception cref="BakeException">It is another text, or cannot be read.</exception>
    public static byte[]? TryRead(string lockPath, LockedRelease release)
    {
        string path = Path.Combine(FolderOf(lockPath), NameOf(release));
        try
        {
            byte[]? text = File.Exists(path) ? File.ReadAllBytes(path) : null;
            return text is null || Digest.Sha256(text) == release.InRelease
                ? text
                : throw LockChecker.NotAsPinned(path, $"It is not the text that the lock pins, {release.InRelease}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LockChecker.NotAsPinned(path, $"It cannot be read: {exception.Message}", exception);
        }
    }
}
