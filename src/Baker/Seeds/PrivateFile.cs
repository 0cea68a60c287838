using System.Text;

namespace Images.Baker.Seeds;

/// <summary>Files that hold secrets: for their owner's eyes from the first byte on, and whole or not there.</summary>
internal static class PrivateFile
{
    public const string PartialSuffix = ".partial";

    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    public static void Write(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<Stream> write) => WriteTogether((path, write));

    /// <summary>None of them gets its name before all are written; older ones stand until then.</summary>
    public static void WriteTogether(params (string Path, Action<Stream> Write)[] files)
    {
        try
        {
            foreach ((string path, Action<Stream> write) in files)
            {
                Guard(path, () => WritePartial(path + PartialSuffix, write));
            }

            foreach ((string path, _) in files)
            {
                Guard(path, () => File.Move(path + PartialSuffix, path, overwrite: true));
            }
        }
        finally
        {
            foreach ((string path, _) in files.Where(file => File.Exists(file.Path + PartialSuffix)))
            {
                File.Delete(path + PartialSuffix);
            }
        }
    }

    public static void CreateFolder(string path) => Guard(path, () =>
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode700);
        }
    });

    /// <summary>
    /// Makes a folder under another name, fills it, and gives it its own; one that cannot be filled is gone again.
    /// </summary>
    public static void WriteFolder(string path, Action<string> fill)
    {
        string partial = path + PartialSuffix;
        CreateEmptyFolder(partial);
        try
        {
            fill(partial);
            Guard(path, () => Directory.Move(partial, path));
        }
        catch (BakeException)
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    private static void CreateEmptyFolder(string path) => Guard(path, () =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        CreateFolder(path);
    });

    private static void WritePartial(string path, Action<Stream> write)
    {
        File.Delete(path);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode600;
        }

        using FileStream stream = new(path, options);
        write(stream);
    }

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0805", path, $"cannot be written: {e.Message}", "Choose another folder with --out, or make room.",
                BakeFault.Output, e);
        }
    }
}
