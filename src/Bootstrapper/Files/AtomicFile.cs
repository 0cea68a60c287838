using System.Text;

namespace Images.Bootstrapper.Files;

/// <summary>
/// Replaces a file so that a power cut leaves the old or the new one, never a part: written beside, synced, renamed,
/// the folder synced.
/// </summary>
internal static class AtomicFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Public = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Beside the file while it is written; what is left after a power cut is overwritten next time.</summary>
    public const string PartialSuffix = ".partial";

    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner = null)
    {
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string partial = path + PartialSuffix;
        File.Delete(partial);
        try
        {
            WritePartial(partial, content, mode, owner);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial); // the path is a folder, or the disk is full
            throw;
        }

        LinuxFiles.SyncFolder(folder);
    }

    public static void Write(string path, string content, UnixFileMode mode, FileOwner? owner = null) =>
        Write(path, Encoding.UTF8.GetBytes(content), mode, owner);

    private static void WritePartial(string partial, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner)
    {
        using FileStream stream = new(partial, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
            BufferSize = 0,
        });
        stream.Write(content);
        owner?.Own(partial);
        // after the owner, whose change clears set-id bits; the umask is overruled
        File.SetUnixFileMode(stream.SafeFileHandle, mode);
        stream.Flush(flushToDisk: true);
    }
}
