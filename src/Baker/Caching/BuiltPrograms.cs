using System.Text;
using Images.Formats;

namespace Images.Baker.Caching;

/// <summary>
/// Programs that were built, kept in a folder of the cache by a key that names all that they were built from. A folder
/// has its name only when it is whole, and is compared with its digests when it is used. Of several bakes that want the
/// same programs one builds and the others wait.
/// </summary>
/// <param name="cacheFolder">The cache.</param>
/// <param name="key">Names the programs.</param>
/// <param name="what">How notices call them.</param>
/// <param name="clock">Marks what is used: what nobody uses is removed in time.</param>
/// <param name="notice">Told when something damaged is built again.</param>
internal sealed class BuiltPrograms(
    string cacheFolder, Digest key, string what, TimeProvider clock, Action<string> notice)
{
    /// <summary>Written last.</summary>
    public const string DigestFile = "SHA256SUMS";

    private static readonly TimeSpan _waitForOther = TimeSpan.FromSeconds(1);

    private string Folder => Path.Combine(cacheFolder, "built", key.Hex);

    private bool AreThere => File.Exists(Path.Combine(Folder, DigestFile));

    /// <param name="build">Builds them into an empty folder that it is given.</param>
    /// <param name="cancellationToken">Stops waiting for another bake.</param>
    /// <param name="anew">
    /// Whether to build them though they are there, and to replace those that are not the same: the digests beside them
    /// tell decay, not who wrote both.
    /// </param>
    /// <returns>The folder that holds the programs.</returns>
    /// <exception cref="BakeException">The cache cannot be written.</exception>
    public async Task<string> GetOrBuildAsync(
        Func<string, Task> build, CancellationToken cancellationToken, bool anew = false)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);
            using FileStream held = await WaitForLockAsync(cancellationToken);
            if (anew || !AreThere || !AreWhole())
            {
                await BuildAsync(build);
            }

            CacheFolder.MarkUsed(Path.Combine(Folder, DigestFile), clock);
            return Folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(Folder, exception);
        }
    }

    /// <summary>Marks the programs as used.</summary>
    /// <returns>Whether they are there.</returns>
    public bool TryKeep()
    {
        if (AreThere)
        {
            CacheFolder.MarkUsed(Path.Combine(Folder, DigestFile), clock);
        }

        return AreThere;
    }

    /// <summary>Removes programs that were last used before then. To be called by who has the cache alone.</summary>
    public static void RemoveUnused(string cacheFolder, DateTime before)
    {
        DirectoryInfo built = new(Path.Combine(cacheFolder, "built"));
        foreach (DirectoryInfo programs in built.Exists ? built.GetDirectories() : [])
        {
            FileInfo digests = new(Path.Combine(programs.FullName, DigestFile));
            if (digests.Exists && digests.LastWriteTimeUtc < before)
            {
                programs.Delete(recursive: true);
            }
        }
    }

    private async Task BuildAsync(Func<string, Task> build)
    {
        string partial = Folder + ".partial";
        Remove(partial);
        Directory.CreateDirectory(partial);
        try
        {
            await build(partial);
            string[] made = [.. Lines(partial)];
            if (AreThere && Lines(Folder).SequenceEqual(made, StringComparer.Ordinal))
            {
                // others may be using them
                File.WriteAllLines(Path.Combine(Folder, DigestFile), made);
                Remove(partial);
                return;
            }

            File.WriteAllLines(Path.Combine(partial, DigestFile), made);
            Remove(Folder);
            Directory.Move(partial, Folder);
        }
        catch
        {
            Remove(partial);
            throw;
        }
    }

    private bool AreWhole()
    {
        bool whole = File.ReadAllLines(Path.Combine(Folder, DigestFile))
            .SequenceEqual(Lines(Folder), StringComparer.Ordinal);
        if (!whole)
        {
            notice($"{what} in the cache are damaged and are made again.");
        }

        return whole;
    }

    /// <summary>As sha256sum(1) writes and checks them; a link is known by its target's name.</summary>
    private static IEnumerable<string> Lines(string folder) => FilesBelow(new DirectoryInfo(folder))
        .Select(file => (Name: Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), File: file))
        .Where(entry => entry.Name != DigestFile)
        .OrderBy(entry => entry.Name, StringComparer.Ordinal)
        .Select(entry => $"{DigestOf(entry.File).Hex}  {entry.Name}");

    private static IEnumerable<FileSystemInfo> FilesBelow(DirectoryInfo folder) =>
        folder
            .EnumerateFileSystemInfos()
            .SelectMany(entry => entry is DirectoryInfo { LinkTarget: null } below ? FilesBelow(below) : [entry]);

    private static Digest DigestOf(FileSystemInfo file)
    {
        if (file.LinkTarget is { } target)
        {
            return Digest.Sha256(Encoding.UTF8.GetBytes(target));
        }

        using FileStream content = File.OpenRead(file.FullName);
        return Digest.Of(content, "sha256");
    }

    private async Task<FileStream> WaitForLockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (CacheLease.TryLock(Folder + ".lock", FileAccess.ReadWrite, FileShare.None) is { } held)
            {
                return held;
            }

            await Task.Delay(_waitForOther, cancellationToken);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
