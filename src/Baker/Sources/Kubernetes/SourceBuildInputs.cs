using System.Collections.Immutable;
using Images.Baker.Baking;
using Images.Baker.Progress;

namespace Images.Baker.Sources.Kubernetes;

/// <summary>Brings source package and toolchain into the cache, and opens them from there.</summary>
internal sealed class SourceBuildInputs(ArtefactFetcher fetcher)
{
    /// <exception cref="BakeException">A file cannot be had, or is not what is pinned.</exception>
    public async Task FetchAsync(LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken)
    {
        ImageLock files = AsLock(locked);
        using BakeStage stage = progress.Begin("fetch sources and Go", files.Packages.Sum(package => package.Size));
        ImmutableArray<LockedPackage> gone = await fetcher.FetchAsync(files, new StageFetchProgress(stage), progress.Notice, cancellationToken);
        if (!gone.IsEmpty)
        {
            throw new BakeException(
                "BAKE0333",
                "image.lock.json",
                $"No mirror and no snapshot has these any more: {string.Join(", ", gone.Select(package => package.FileName()))}.",
                "Run 'baker lock' and commit the result.",
                BakeFault.Source);
        }
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
