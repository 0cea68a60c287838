using System.Text;

namespace Images.Baker.Sources.Downloads;

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
        try
        {
            FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            return new PartialFile(stream, path + ".from");
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            return null;
        }
    }

    /// <summary>Goes on with the bytes that are there, if it is known what they belong to.</summary>
    public void Resume()
    {
        Validator = _stream.Length > 0 && File.Exists(_validatorPath) ? File.ReadAllText(_validatorPath, Encoding.UTF8) : null;
        if (Validator is null)
        {
            _stream.SetLength(0);
        }

        _stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>Throws the bytes away and remembers the validator of the server's file that starts now.</summary>
    public void Restart(string? validator)
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

    /// <summary>Gives the finished file its name, which must be on the same file system.</summary>
    public void MoveTo(string path)
    {
        _stream.Flush();
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
        _stream.Dispose();
        File.Delete(Path);
        File.Delete(_validatorPath);
    }

    public void Dispose() => _stream.Dispose();

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows
    private static bool IsSharingViolation(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
