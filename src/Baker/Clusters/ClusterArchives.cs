using Images.Baker.Baking;
using Images.Baker.Caching;
using Images.Baker.Containers.Archives;
using Images.Baker.Containers.Oci;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats;
using Images.Formats.Tar;

namespace Images.Baker.Clusters;

/// <summary>The archives of container images that a cluster's workers get: files in its folder.</summary>
internal static class ClusterArchives
{
    /// <summary>Stands for the archive that <see cref="HelloBaker"/> makes.</summary>
    public const string Hello = "hello";

    private const int DigestDigits = 12;

    /// <summary>Full paths, the oldest first.</summary>
    public static IReadOnlyList<string> Of(ClusterPlace place) => !Directory.Exists(place.Archives)
        ? []
        :
        [
            .. new DirectoryInfo(place.Archives).EnumerateFiles("*.tar")
                .OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => file.FullName),
        ];

    /// <summary>Whether an archive that is kept is ours, by its name.</summary>
    public static bool IsHello(string kept) => Path.GetFileName(kept).StartsWith(Hello + "-", StringComparison.Ordinal);

    /// <summary>Opens an archive, or makes ours; what containerd would not take is refused.</summary>
    /// <param name="archive">A path, or <see cref="Hello"/>.</param>
    /// <param name="plan">image.yaml, for <see cref="Hello"/>.</param>
    /// <param name="clock">Marks what is used of the cache.</param>
    /// <param name="cancellationToken">Stops a download.</param>
    /// <exception cref="BakeException">It cannot be read or made, or holds no images.</exception>
    public static async Task<Stream> OpenAsync(
        string archive, string plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        Stream source = archive == Hello
            ? new MemoryStream(await MakeHelloAsync(plan, clock, cancellationToken).ConfigureAwait(false))
            : OpenFile(archive);
        try
        {
            RequireImages(source, archive);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Keeps a copy of an archive for the cluster, and returns the copy's name.</summary>
    /// <exception cref="BakeException">It cannot be written.</exception>
    public static string Keep(ClusterPlace place, string archive, Stream source)
    {
        source.Position = 0;
        string digits = Digest.Of(source, "sha256").Hex[..DigestDigits];
        string name = $"{Path.GetFileNameWithoutExtension(archive)}-{digits}.tar";
        string path = Path.Combine(place.Archives, name), partial = path + ".partial";
        if (File.Exists(path))
        {
            return name;
        }

        try
        {
            Directory.CreateDirectory(place.Archives);
            source.Position = 0;
            using (FileStream copy = new(partial, FileMode.Create, FileAccess.Write))
            {
                source.CopyTo(copy);
            }

            File.Move(partial, path, overwrite: true);
            return name;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0957", path, $"cannot be written: {fault.Message}", "Free some space.", BakeFault.Output, fault);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static void RequireImages(Stream source, string archive)
    {
        if (!new TarReader(source, archive).Select(entry => entry.ParsePath().Value.Trim('/'))
            .Any(path => path is OciLayout.IndexFile or DockerArchiveReader.ManifestFile))
        {
            throw new BakeException(
                "BAKE0956",
                archive,
                $"It holds neither {OciLayout.IndexFile} nor {DockerArchiveReader.ManifestFile}.",
                "Give an OCI archive, or what 'docker save' wrote.");
        }
    }

    private static FileStream OpenFile(string archive)
    {
        try
        {
            return new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0956",
                archive,
                $"The archive cannot be read: {fault.Message}",
                $"Name an archive of container images, or '{Hello}'.",
                inner: fault);
        }
    }

    private static async Task<byte[]> MakeHelloAsync(
        string plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        RestoreOptions options = new()
        {
            CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable),
            Clock = clock,
        };
        using PlainProgress progress = new(TextWriter.Null, clock);
        string lockFile = Path.Combine(Path.GetDirectoryName(plan) ?? "", "image.lock.json");
        HelloBaker baker = new(options, progress);
        return await baker.MakeAsync(plan, lockFile, cancellationToken).ConfigureAwait(false);
    }
}
