namespace Images.Baker.Caching;

/// <summary>Where downloads and layers are kept between bakes.</summary>
internal static class CacheFolder
{
    /// <summary>
    /// The option; else IMAGES_CACHE; else, on Windows, Images in the local application data; else images in
    /// XDG_CACHE_HOME or ~/.cache. A relative XDG_CACHE_HOME is ignored, as its specification asks.
    /// </summary>
    /// <param name="option">What the command line says, or null.</param>
    /// <param name="environment">Reads a variable.</param>
    public static string Choose(string? option, Func<string, string?> environment)
    {
        string? named = option ?? environment("IMAGES_CACHE");
        if (!string.IsNullOrEmpty(named))
        {
            return Path.GetFullPath(named);
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "images", "cache");
        }

        string? xdg = environment("XDG_CACHE_HOME");
        return Path.IsPathRooted(xdg)
            ? Path.Combine(xdg, "images")
            : Path.Combine(
                environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache",
                "images");
    }

    /// <summary>
    /// Notes that a file is in use, in its time of change; a quarter of an hour's precision is enough.
    /// </summary>
    public static void MarkUsed(string path, TimeProvider clock)
    {
        try
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(path) > TimeSpan.FromMinutes(15))
            {
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // somebody else's cache, or one on a read-only disk: its owner looks after it
        }
    }

    public static BakeException NotWritable(string path, Exception exception) => new(
        "BAKE0334", path, $"The cache cannot be written: {exception.Message}",
        "Free some space or name another folder with --cache.", BakeFault.Output, exception);
}
