using System.Text;
using Images.Formats;

namespace Images.Baker.Caching;

/// <summary>
/// A file that is being downloaded: held by one process at a time, kept when a download breaks off, so that a later one
/// goes on where it stopped. Beside it lies the validator (ETag or Last-Modified) of the server's file it belongs to.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _validatorPath;

    private PartialFile(FileStream stream, string validatorPath)
    {
        _stream = stream;
        _validatorPath = validatorPath;
    }

    /// <summary>Positioned at its end.</summary>
    public Stream Stream => _stream;

    public string Path => _stream.Name;

    /// <summary>What <c>If-Range</c> is to say; null where the bytes so far cannot be gone on with.</summary>
    public string? Validator { get; private set; }

    /// <summary>Opens or creates it, and changes nothing yet; null while another process or task holds it.</summary>
    /// <exception cref="IOException">Any other failure.</exception>
    public static PartialFile? TryOpen(string path)
    {
        FileStream? stream = CacheLease.TryLock(path, FileAccess.ReadWrite, FileShare.None);
        if (stream is not null && !File.Exists(path))
        {
            // between opening and locking it, who held it was done and took its name away
            stream.Dispose();
            return null;
        }

        return stream is null ? null : new PartialFile(stream, path + ".from");
    }

    /// <summary>Goes on with the bytes that are there, if it is known what they belong to.</summary>
    public void Resume()
    {
        Validator =
            _stream.Length > 0 && File.Exists(_validatorPath) ? File.ReadAllText(_validatorPath, Encoding.UTF8) : null;
        if (Validator is null)
        {
            _stream.SetLength(0);
        }

        _stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>Throws the bytes away and remembers the validator of the server's file that starts now.</summary>
    /// <exception cref="BakeException">The cache cannot be written.</exception>
    public void Restart(string? validator)
    {
        try
        {
            _stream.SetLength(0);
            _stream.Seek(0, SeekOrigin.Begin);
            Validator = validator;
            if (validator is null)
            {
                File.Delete(_validatorPath);
            }
            else
            {
                File.WriteAllText(_validatorPath, validator, Encoding.UTF8);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(Path, exception);
        }
    }

    /// <summary>Of the bytes so far.</summary>
    public Digest ComputeDigest(string algorithm)
    {
        _stream.Position = 0;
        return Digest.Of(_stream, algorithm);
    }

    /// <summary>
    /// Has the file delivered until its bytes have the digest. For wrong ones, bytes that an earlier command or another
    /// source left behind may be to blame: then once more, from the start.
    /// </summary>
    /// <param name="expected">Of the whole file.</param>
    /// <param name="deliver">Completes the bytes that are there; false where the source has no such file.</param>
    /// <param name="wrongBytes">What to throw where the source sends other bytes, by their digest.</param>
    /// <returns>False where <paramref name="deliver"/> said so.</returns>
    public async Task<bool> CompleteAsync(Digest expected, Func<Task<bool>> deliver, Func<Digest, Exception> wrongBytes)
    {
        bool resumed = _stream.Length > 0;
        while (await deliver())
        {
            Digest actual = ComputeDigest(expected.Algorithm);
            if (actual == expected)
            {
                return true;
            }

            Restart(null);
            if (!resumed)
            {
                throw wrongBytes(actual);
            }

            resumed = false;
        }

        return false;
    }

    /// <summary>Gives the finished file its name, which must be on the same file system.</summary>
    public void MoveTo(string path)
    {
        // the name must not outlive the bytes in a power cut
        _stream.Flush(flushToDisk: true);
        if (OperatingSystem.IsWindows())
        {
            // an open file cannot be moved there, and who opens it now keeps it from being moved
            _stream.Dispose();
        }

        File.Move(Path, path, overwrite: true);
        File.Delete(_validatorPath);
        _stream.Dispose();
    }

    /// <summary>Leaves nothing behind.</summary>
    public void Discard()
    {
        if (OperatingSystem.IsWindows())
        {
            _stream.Dispose();
        }

        File.Delete(Path);
        File.Delete(_validatorPath);
        _stream.Dispose();
    }

    public void Dispose() => _stream.Dispose();
}
