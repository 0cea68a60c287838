using System.Security.Cryptography;
using Images.Baker.Sources.Downloads;

namespace Images.Baker.Sources;

/// <summary>
/// Files by their digest: <c>sha256/&lt;hex&gt;</c> below the cache folder. A file has its name only when its bytes were
/// checked; they are checked again whenever it is opened. Any number of bakes may use one cache.
/// </summary>
internal sealed class DownloadCache(string folder)
{
    private static readonly TimeSpan _waitForOther = TimeSpan.FromMilliseconds(100);

    public string PathOf(Digest digest) => Path.Combine(folder, digest.Algorithm, digest.Hex);

    public bool Holds(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>Opens a file after reading it whole and comparing its digest; at its start, seekable.</summary>
    /// <param name="digest">Which.</param>
    /// <param name="name">How messages call the artefact.</param>
    /// <exception cref="BakeException">It is not there, or was changed since it was stored.</exception>
    public FileStream OpenVerified(Digest digest, string name)
    {
        string path = PathOf(digest);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 17);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BakeException("BAKE0335", path, $"'{name}' cannot be read from the cache: {exception.Message}", "Bake again; it is downloaded if it is gone.", inner: exception);
        }

        Digest actual = DigestOf(stream, digest.Algorithm);
        if (actual != digest)
        {
            stream.Dispose();
            throw new BakeException(
                "BAKE0330", path, $"'{name}' was changed in the cache: expected {digest}, found {actual}.", "Delete this file and bake again.", BakeFault.Source);
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>
    /// Puts a file into the cache, unless it is there. Of several bakes that want it one downloads and the others wait.
    /// </summary>
    /// <param name="digest">What the bytes must hash to.</param>
    /// <param name="fill">Completes the partial file; false where no source has it.</param>
    /// <param name="mismatch">Makes the error for bytes that hash to something else, which it is given.</param>
    /// <param name="cancellationToken">Stops waiting and downloading.</param>
    /// <returns>False where <paramref name="fill"/> said so.</returns>
    public async Task<bool> AddAsync(
        Digest digest, Func<PartialFile, Task<bool>> fill, Func<Digest, BakeException> mismatch, CancellationToken cancellationToken)
    {
        string path = PathOf(digest);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(Path.Combine(folder, "partial"));
            while (!File.Exists(path))
            {
                using PartialFile? file = PartialFile.TryOpen(Path.Combine(folder, "partial", digest.Hex));
                if (file is null)
                {
                    await Task.Delay(_waitForOther, cancellationToken);
                }
                else if (File.Exists(path))
                {
                    file.Discard();
                }
                else if (!await FillAsync(file, path, digest, fill, mismatch))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(path, exception);
        }
    }

    private static async Task<bool> FillAsync(PartialFile file, string path, Digest digest, Func<PartialFile, Task<bool>> fill, Func<Digest, BakeException> mismatch)
    {
        file.Resume();
        bool resumed = file.Stream.Length > 0;
        while (true)
        {
            if (!await fill(file))
            {
                file.Discard();
                return false;
            }

            file.Stream.Position = 0;
            Digest actual = DigestOf(file.Stream, digest.Algorithm);
            if (actual == digest)
            {
                file.MoveTo(path);
                return true;
            }

            file.Restart(null);
            if (!resumed)
            {
                throw mismatch(actual);
            }

            // the bytes that an earlier bake left behind may be to blame: once more, from the start
            resumed = false;
        }
    }

    private static Digest DigestOf(Stream stream, string algorithm) =>
        algorithm == "sha256" ? Digest.FromSha256(SHA256.HashData(stream)) : Digest.FromSha512(SHA512.HashData(stream));
}
