namespace Images.Fuzz.Parsers;

/// <summary>For parsers that take a path: one file, written anew for each input, in memory where the machine has a place there.</summary>
internal static class InFile
{
    private static readonly string _path = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"images-fuzz-{Environment.ProcessId}");

    public static void Read(byte[] bytes, Action<string> read)
    {
        File.WriteAllBytes(_path, bytes);
        try
        {
            read(_path);
        }
        finally
        {
            File.Delete(_path);
        }
    }
}
