using System.Collections.Concurrent;
using System.Collections.Immutable;
using Images.Baker.Sources.Downloads;
using Images.Baker.Sources.Mirrors;

namespace Images.Baker.Sources;

/// <summary>Brings the artefacts of a lock into the cache and opens them from there.</summary>
internal sealed class ArtefactFetcher(DownloadCache cache, MirrorSet mirrors, SnapshotArchive? snapshots, HttpClient client, DownloadOptions options)
{
    /// <summary>Downloads what the cache lacks, several files at once.</summary>
    /// <param name="imageLock">Whose packages.</param>
    /// <param name="progress">Told after each read; from several threads.</param>
    /// <param name="cancellationToken">Stops the downloads; what is there stays and is gone on with next time.</param>
    /// <returns>The packages that no mirror and no snapshot has any more; empty when all is there.</returns>
    /// <exception cref="BakeException">A mirror cannot be reached, or sends other bytes than the lock pins.</exception>
    public async Task<ImmutableArray<LockedPackage>> FetchAsync(ImageLock imageLock, IProgress<FetchProgress>? progress, CancellationToken cancellationToken)
    {
        ImmutableArray<LockedPackage> missing = [.. imageLock.Packages.Where(package => !cache.Holds(package.Digest))];
        FetchCounter counter = new(imageLock.Packages.Sum(package => package.Size), missing.Sum(package => package.Size), progress);
        ConcurrentBag<LockedPackage> gone = [];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellationToken };

        // the big ones first, so that the last connection does not carry one alone
        await Parallel.ForEachAsync(missing.OrderByDescending(package => package.Size), parallel, async (package, token) =>
        {
            if (!await FetchAsync(package, imageLock, counter, token))
            {
                gone.Add(package);
            }
        });
        return [.. gone.OrderBy(package => package.Name, StringComparer.Ordinal)];
    }

    /// <summary>Opens a package after its bytes were compared with the lock; at its start, seekable.</summary>
    /// <exception cref="BakeException">It is not in the cache, or was changed there.</exception>
    public FileStream Open(LockedPackage package) => cache.OpenVerified(package.Digest, package.FileName());

    /// <summary>Downloads one file whose digest is known: an index, say.</summary>
    /// <param name="sources">Whom to ask, in this order, and for which path.</param>
    /// <param name="digest">What the bytes must hash to.</param>
    /// <param name="size">How many bytes they are.</param>
    /// <param name="name">How messages call the file.</param>
    /// <param name="position">Told the number of bytes that are there.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <returns>False where no source has it.</returns>
    public Task<bool> FetchAsync(
        IReadOnlyList<(Mirror Mirror, string Path)> sources, Digest digest, long size, string name, Action<long> position, CancellationToken cancellationToken)
    {
        string asked = "";
        return cache.AddAsync(
            digest,
            async file =>
            {
                (bool found, asked) = await AskAsync(sources, size, name, file, position, cancellationToken);
                return found;
            },
            actual => new BakeException(
                "BAKE0331", asked, $"'{name}' is not what is pinned: expected {digest}, the mirror sent {actual}.", "Use another mirror (--mirror); tell who runs this one.", BakeFault.Source),
            cancellationToken);
    }

    private async Task<bool> FetchAsync(LockedPackage package, ImageLock imageLock, FetchCounter counter, CancellationToken cancellationToken)
    {
        List<(Mirror Mirror, string Path)> sources = [.. mirrors.For(package.Archive).Select(mirror => (mirror, package.Path))];
        if (snapshots is not null)
        {
            DateTimeOffset date = imageLock.Releases.Where(release => release.Archive == package.Archive).Max(release => release.Date);
            sources.Add((snapshots.At(package.Archive, date), package.Path));
        }

        bool found = await FetchAsync(sources, package.Digest, package.Size, package.FileName(), bytes => counter.Set(package.Name, bytes), cancellationToken);
        counter.Set(package.Name, found ? package.Size : 0);
        return found;
    }

    /// <summary>Asks one after the other. A file counts as gone only if every source that could be reached says so.</summary>
    private async Task<(bool Found, string Asked)> AskAsync(
        IReadOnlyList<(Mirror Mirror, string Path)> sources, long size, string name, PartialFile file, Action<long> position, CancellationToken cancellationToken)
    {
        HttpDownload download = new(client, options);
        List<DownloadException> failures = [];
        bool saidGone = false;
        foreach ((Mirror mirror, string path) in sources)
        {
            try
            {
                if (await download.RunAsync(mirror, path, size, file, position, cancellationToken))
                {
                    return (true, mirror.AddressOf(path).ToString());
                }

                saidGone = true;
            }
            catch (DownloadException exception)
            {
                failures.Add(exception);
            }
        }

        return saidGone
            ? (false, "")
            : throw new BakeException(
                "BAKE0332",
                name,
                $"No mirror could deliver it. {string.Join("; ", failures.Select(failure => failure.Message))}.",
                "Check the network, or name a mirror with --mirror.",
                BakeFault.Source,
                failures.FirstOrDefault());
    }
}
