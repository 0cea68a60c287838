using System.Collections.Immutable;
using Images.Baker.Baking;
using Images.Baker.Progress;
using Images.Baker.Sources.GoBuild;
using Images.Formats;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>Brings source package and toolchain into the cache, and opens them from there.</summary>
internal sealed class SourceBuildInputs(ArtefactFetcher fetcher)
{
    /// <exception cref="BakeException">A file cannot be had, or is not what is pinned.</exception>
    public Task FetchAsync(LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken) => FetchAsync(AsLock(locked), progress, cancellationToken);

    /// <returns>The names of the files that no mirror and no snapshot has any more; empty when all is there.</returns>
    /// <exception cref="BakeException">No mirror can be reached, or none sends the bytes that the lock pins.</exception>
    public Task<ImmutableArray<string>> TryFetchAsync(LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken) =>
        TryFetchAsync(AsLock(locked), progress, cancellationToken);

    /// <summary>debian/copyright of the source package; of all that is pinned only the file that holds it is fetched.</summary>
    /// <exception cref="BakeException">It cannot be had, or is not what is pinned.</exception>
    /// <exception cref="MalformedDataException">It holds none.</exception>
    public async Task<byte[]> ReadCopyrightAsync(LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken)
    {
        string name = locked.Source.FileName(".debian.tar.xz");
        ImageLock all = AsLock(locked);
        LockedPackage wanted = all.Packages.Single(file => file.FileName() == name);
        await FetchAsync(all with { Packages = [wanted] }, progress, cancellationToken);
        using FileStream archive = await fetcher.OpenAsync(wanted, all, progress.Notice, cancellationToken);
        return DebianSourceTree.ReadCopyright(archive, name);
    }

    /// <summary>Opens every file after its bytes were compared with the lock.</summary>
    /// <exception cref="BakeException">A file is damaged and cannot be fetched again.</exception>
    public async Task<SourceBuildFiles> OpenAsync(LockedSourceBuild locked, Action<string> notice, CancellationToken cancellationToken)
    {
        ImageLock files = AsLock(locked);
        SourceBuildFiles opened = new();
        try
        {
            foreach (LockedPackage file in files.Packages)
            {
                opened.Add(file.FileName(), await fetcher.OpenAsync(file, files, notice, cancellationToken));
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What to say where the pinned files are nowhere any more, and others are not wanted.</summary>
    public static BakeException Gone(string lockName, IEnumerable<string> files) => new(
        "BAKE0333", lockName, $"No mirror and no snapshot has these any more: {string.Join(", ", files)}.", "Run 'baker lock' and commit the result.", BakeFault.Source);

    private async Task FetchAsync(ImageLock files, IBakeProgress progress, CancellationToken cancellationToken)
    {
        ImmutableArray<string> gone = await TryFetchAsync(files, progress, cancellationToken);
        if (!gone.IsEmpty)
        {
            throw Gone("image.lock.json", gone);
        }
    }

    private async Task<ImmutableArray<string>> TryFetchAsync(ImageLock files, IBakeProgress progress, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("fetch sources and Go", files.Packages.Sum(package => package.Size));
        ImmutableArray<LockedPackage> gone = await fetcher.FetchAsync(files, new StageFetchProgress(stage), progress.Notice, cancellationToken);
        return [.. gone.Select(package => package.FileName())];
    }

    /// <summary>The same files as the packages of a lock, which is what the fetcher knows.</summary>
    private static ImageLock AsLock(LockedSourceBuild locked) => new()
    {
        Format = ImageLock.CurrentFormat,
        Architecture = "amd64",
        Request = Digest.Sha256([]),
        Releases = locked.Releases,
        Packages =
        [
            .. locked.Packages,
            .. locked.Source.Files.Select(file => new LockedPackage
            {
                Name = file.FileName(),
                Version = locked.Source.Version,
                Architecture = "source",
                Archive = locked.Source.Archive,
                Suite = locked.Source.Suite,
                Path = file.Path,
                Size = file.Size,
                Digest = file.Digest,
                Uses = [PackageUse.Build],
            }),
        ],
    };
}
