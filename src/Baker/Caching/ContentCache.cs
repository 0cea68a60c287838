using System.Diagnostics;
using Images.Formats;

namespace Images.Baker.Caching;

/// <summary>
/// Files by their digest: <c>sha256/&lt;hex&gt;</c> below the cache folder. A file gets its name when its bytes were
/// checked; they are checked again whenever it is opened, and one that was damaged since counts as absent. Any number
/// of bakes may use one cache.
/// </summary>
/// <param name="folder">The cache folder.</param>
/// <param name="clock">Marks a file that is used: what nobody uses is removed in time.</param>
internal sealed class ContentCache(string folder, TimeProvider clock)
{
    private static readonly TimeSpan _waitForOther = TimeSpan.FromMilliseconds(100);

    /// <summary>Who gives a file its name holds it alone for a moment more.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public string PathOf(Digest digest) => Path.Combine(folder, digest.Algorithm, digest.Hex);

    /// <summary>Whether a file of that name and length is there; its bytes are compared when it is opened.</summary>
    public bool Holds(Digest digest, long size)
    {
        FileInfo file = new(PathOf(digest));
        if (!file.Exists || file.Length != size)
        {
            return false;
        }

        CacheFolder.MarkUsed(file.FullName, clock);
        return true;
    }

    /// <summary>The length of a file whose length nobody knows beforehand; null where it is not there.</summary>
    public long? SizeOf(Digest digest)
    {
        FileInfo file = new(PathOf(digest));
        return file.Exists ? file.Length : null;
    }

    /// <summary>
    /// Opens a file after reading it whole and comparing its digest; at its start, seekable. Null where it
    /// is not there or not whole.
    /// </summary>
    /// <exception cref="BakeException">It cannot be read.</exception>
    public FileStream? TryOpen(Digest digest, long size)
    {
        string path = PathOf(digest);
        try
        {
            FileStream stream = Open(path);
            if (stream.Length == size && Digest.Of(stream, digest.Algorithm) == digest)
            {
                stream.Position = 0;
                return stream;
            }

            stream.Dispose();
            return null;
        }
        catch (Exception absence) when (absence is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0335", path, $"It cannot be read: {exception.Message}",
                "Delete this file, or name another cache with --cache.", inner: exception);
        }
    }

    /// <summary>
    /// Puts a file into the cache, in place of a damaged one. Of several bakes that want it one
    /// downloads and the others wait.
    /// </summary>
    /// <param name="digest">Of its bytes.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="name">How messages call it.</param>
    /// <param name="fill">
    /// Completes the partial file with bytes that have the digest; false where no source has it.
    /// </param>
    /// <param name="notice">Told if a damaged one was there.</param>
    /// <param name="cancellationToken">Stops waiting and downloading.</param>
    /// <returns>False where <paramref name="fill"/> said so.</returns>
    public async Task<bool> AddAsync(
        Digest digest,
        long size,
        string name,
        Func<PartialFile, Task<bool>> fill,
        Action<string> notice,
        CancellationToken cancellationToken)
    {
        string path = PathOf(digest);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(Path.Combine(folder, "partial"));
            while (true)
            {
                using PartialFile? file = PartialFile.TryOpen(Path.Combine(folder, "partial", digest.Hex));
                if (file is null)
                {
                    await Task.Delay(_waitForOther, cancellationToken);
                }
                else if (IsWhole(digest, size))
                {
                    file.Discard();
                    return true;
                }
                else
                {
                    if (File.Exists(path))
                    {
                        notice($"'{name}' is damaged in the cache ({path}) and is fetched again.");
                    }

                    return await FillAsync(file, path, fill);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(path, exception);
        }
    }

    private static FileStream Open(string path)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 17);
            }
            catch (IOException exception) when (CacheLease.IsSharingViolation(exception)
                && Stopwatch.GetElapsedTime(began) < _patience)
            {
                Thread.Sleep(_waitForOther / 10);
            }
        }
    }

    private bool IsWhole(Digest digest, long size)
    {
        using FileStream? file = TryOpen(digest, size);
        return file is not null;
    }

    private static async Task<bool> FillAsync(PartialFile file, string path, Func<PartialFile, Task<bool>> fill)
    {
        file.Resume();
        if (!await fill(file))
        {
            file.Discard();
            return false;
        }

        file.MoveTo(path);
        return true;
    }
}
