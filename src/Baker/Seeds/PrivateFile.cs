using System.Text;

namespace Images.Baker.Seeds;

/// <summary>Files that hold secrets: for their owner's eyes from the first byte on, and whole or not there.</summary>
internal static class PrivateFile
{
    public const string PartialSuffix = ".partial";

    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;

    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<Stream> write)
    {
        string partial = path + PartialSuffix;
        Guard(path, () =>
        {
            File.Delete(partial);
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileMode600;
            }

            try
            {
                using (FileStream stream = new(partial, options))
                {
                    write(stream);
                }

                File.Move(partial, path, overwrite: true);
            }
            finally
            {
                File.Delete(partial);
            }
        });
    }

    public static void CreateEmptyFolder(string path) => Guard(path, () =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        CreateFolder(path);
    });

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

    public static void MoveFolder(string from, string to) => Guard(to, () => Directory.Move(from, to));

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException("BAKE0805", path, $"cannot be written: {e.Message}", "Choose another folder with --out, or make room.", BakeFault.Output, e);
        }
    }
}
