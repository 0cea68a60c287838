namespace Images.Bootstrapper.Files;

/// <summary>
/// Keeps two processes of ours from changing one file at once (flock; gone with the process that held it).
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <exception cref="IOException">Someone held it for half a minute.</exception>
    public static FileLock Take(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (TimeSpan waited = TimeSpan.Zero; ; waited += _pause)
        {
            try
            {
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (waited < _patience)
            {
                Thread.Sleep(_pause);
            }
        }
    }

    public void Dispose() => _stream.Dispose();
}
