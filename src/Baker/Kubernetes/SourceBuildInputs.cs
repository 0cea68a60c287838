using System.Collections.Immutable;
using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>Brings source package and toolchain into the cache, and opens them from there.</summary>
internal sealed class SourceBuildInputs(ArchiveArtefacts archive, ArtefactFetcher fetcher)
{
    /// <exception cref="BakeException">A file cannot be had, or is not what is pinned.</exception>
    public Task FetchAsync(LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken) =>
        FetchAsync(ArtefactsOf(locked), progress, cancellationToken);

    /// <returns>The names of the files that no mirror and no snapshot has any more; empty when all is there.</returns>
    /// <exception cref="BakeException">
    /// No mirror can be reached, or none sends the bytes that the lock pins.
    /// </exception>
    public Task<ImmutableArray<string>> TryFetchAsync(
        LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken) =>
        TryFetchAsync(ArtefactsOf(locked), progress, cancellationToken);

    /// <summary>
    /// debian/copyright of the source package; of all that is pinned only the file that holds it is fetched.
    /// </summary>
    /// <exception cref="BakeException">It cannot be had, or is not what is pinned.</exception>
    /// <exception cref="MalformedDataException">It holds none.</exception>
    public async Task<byte[]> ReadCopyrightAsync(
        LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken)
    {
        string name = locked.Source.FileName(".debian.tar.xz");
        using FileStream changes = await OpenAsync(locked, name, progress, cancellationToken);
        return DebianSourceTree.ReadCopyright(changes, name);
    }

    /// <summary>The modules that the sources vendor; of all that is pinned only their archive is fetched.</summary>
    /// <exception cref="BakeException">It cannot be had, or is not what is pinned.</exception>
    /// <exception cref="MalformedDataException">It is damaged.</exception>
    public async Task<IReadOnlyList<GoModule>> ReadModulesAsync(
        LockedSourceBuild locked, IBakeProgress progress, CancellationToken cancellationToken)
    {
        string name = locked.Source.FileName(".orig.tar.gz");
        using FileStream sources = await OpenAsync(locked, name, progress, cancellationToken);
        return [.. GoModules.OfVendor(DebianSourceTree.ReadVendoredModules(sources, name))];
    }

    private async Task<FileStream> OpenAsync(
        LockedSourceBuild locked, string name, IBakeProgress progress, CancellationToken cancellationToken)
    {
        Artefact wanted = ArtefactsOf(locked).Single(file => file.Name == name);
        await FetchAsync([wanted], progress, cancellationToken);
        return await fetcher.OpenAsync(wanted, progress.Notice, cancellationToken);
    }

    /// <summary>Opens every file after its bytes were compared with the lock.</summary>
    /// <exception cref="BakeException">A file is damaged and cannot be fetched again.</exception>
    public async Task<SourceBuildFiles> OpenAsync(
        LockedSourceBuild locked, Action<string> notice, CancellationToken cancellationToken)
    {
        SourceBuildFiles opened = new();
        try
        {
            foreach (Artefact file in ArtefactsOf(locked))
            {
                opened.Add(file.Name, await fetcher.OpenAsync(file, notice, cancellationToken));
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private async Task FetchAsync(
        IReadOnlyCollection<Artefact> files, IBakeProgress progress, CancellationToken cancellationToken)
    {
        ImmutableArray<string> gone = await TryFetchAsync(files, progress, cancellationToken);
        if (!gone.IsEmpty)
        {
            throw new BakeException(
                "BAKE0333",
                "image.lock.json",
                $"No mirror and no snapshot has these any more: {string.Join(", ", gone)}.",
                "Run 'baker lock' and commit the result.",
                BakeFault.Source);
        }
    }

    private async Task<ImmutableArray<string>> TryFetchAsync(
        IReadOnlyCollection<Artefact> files, IBakeProgress progress, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("fetch sources and Go", files.Sum(file => file.Size));
        ImmutableArray<Artefact> gone = await fetcher.FetchAsync(
            files, new StageFetchProgress(stage), progress.Notice, cancellationToken);
        return [.. gone.Select(file => file.Name).Order(StringComparer.Ordinal)];
    }

    private ImmutableArray<Artefact> ArtefactsOf(LockedSourceBuild locked) =>
    [
        .. locked.Packages.Select(package => archive.Of(package, locked.Releases)),
        .. archive.Of(locked.Source, locked.Releases),
    ];
}
