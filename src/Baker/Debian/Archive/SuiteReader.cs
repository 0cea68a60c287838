using System.Collections.Immutable;
using Images.Baker.Debian.Packages;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Gzip;
using Images.Formats.Xz;

namespace Images.Baker.Debian.Archive;

/// <summary>Reads a suite's InRelease and the indexes that it names; believes nothing that is not signed.</summary>
internal sealed class SuiteReader(
    ArtefactFetcher fetcher, MirrorSet mirrors, SnapshotArchive? snapshots, SmallDownload small, ReleaseChecker checker)
{
    private static readonly ImmutableArray<string> _extensions = [".xz", ".gz"];

    /// <summary>Tells what of the host's apt sources is not asked.</summary>
    public void SayWhatIsNotAsked(Action<string> notice) => mirrors.Notices.ToList().ForEach(notice);

    /// <summary>Asks one mirror after the other until one has a release that can be believed.</summary>
    /// <param name="known">
    /// The release of that suite in the lock so far; an older one is refused. Null for none.
    /// </param>
    /// <param name="notice">Told of mirrors that could not be believed.</param>
    /// <exception cref="BakeException">No mirror has one.</exception>
    public async Task<SignedRelease> ReadReleaseAsync(
        SuitePlan suite, LockedRelease? known, Action<string> notice, CancellationToken cancellationToken)
    {
        string path = $"dists/{suite.Suite}/InRelease";
        List<BakeException> failures = [];
        foreach (Mirror mirror in mirrors.For(suite.Archive))
        {
            try
            {
                byte[] file = await small.GetAsync(mirror, path, cancellationToken);
                SignedRelease release = checker.Check(file, suite, known, mirror.AddressOf(path).ToString());
                await fetcher.KeepAsync(file, path, notice, cancellationToken);
                failures.ForEach(failure => notice($"{failure.Place}: {failure.Problem} Another mirror was asked."));
                return release;
            }
            catch (BakeException failure) when (failure.Fault == BakeFault.Source)
            {
                failures.Add(failure);
            }
        }

        // an answer that cannot be believed says more than no answer
        BakeException worst = failures.FirstOrDefault(failure => failure.Code != "BAKE0332") ?? failures[0];
        throw failures.Count == 1
            ? worst
            : new BakeException(
                worst.Code, path,
                "No mirror has one that can be believed. "
                    + $"{string.Join(' ', failures.Select(failure => $"{failure.Place}: {failure.Problem}"))}",
                worst.Remedy, BakeFault.Source, worst);
    }

    /// <summary>
    /// The index that the release names by this path and one of the extensions that are read; some tools that make
    /// mirrors keep one of them only.
    /// </summary>
    /// <exception cref="BakeException">It names none.</exception>
    public static LockedIndex Find(ReleaseFile release, SuitePlan suite, string path) =>
        _extensions
            .Select(extension => release.Indexes.GetValueOrDefault(path + extension))
            .FirstOrDefault(index => index is not null) ?? throw new BakeException(
                "BAKE0324", $"{suite.Archive} {suite.Suite}", $"Its InRelease names no '{path}.xz' and no '{path}.gz'.",
                "Correct 'components' of this suite in image.yaml.");

    /// <summary>
    /// Every paragraph of an index, as <paramref name="read"/> takes it; those that it makes null of are left out.
    /// </summary>
    /// <exception cref="BakeException">The index cannot be had.</exception>
    /// <exception cref="MalformedDataException">It is broken.</exception>
    public async Task<List<T>> ReadIndexAsync<T>(
        SuitePlan suite, ReleaseFile release, LockedIndex index, Func<ControlParagraph, T?> read, Action<string> notice,
        CancellationToken cancellationToken)
        where T : class
    {
        string path = PathOf(suite.Suite, index);
        string[] paths = release.AcquireByHash ? [PathByHash(path, index), path] : [path];
        Artefact wanted = IndexOf(
            path, index,
            mirrors.For(suite.Archive).SelectMany(mirror => paths.Select(candidate => (mirror, candidate))));
        if (!await fetcher.FetchAsync(wanted, _ => { }, notice, cancellationToken))
        {
            throw new BakeException(
                "BAKE0325", path, "The mirror's InRelease names this file, and the mirror does not have it.",
                "Wait until the mirror has finished its update, or use another one (--mirror).", BakeFault.Source);
        }

        return await ReadAsync(wanted, read, notice, cancellationToken);
    }

    /// <summary>
    /// An InRelease that a lock pins: from the cache, a mirror that has not moved on, or the snapshot.
    /// </summary>
    /// <returns>Null where nobody has it.</returns>
    public async Task<byte[]?> TryReadPinnedAsync(
        LockedRelease pinned, Action<string> notice, CancellationToken cancellationToken)
    {
        string path = $"dists/{pinned.Suite}/InRelease";
        if (fetcher.TryRead(pinned.InRelease) is { } kept)
        {
            return kept;
        }

        foreach (Mirror mirror in mirrors.For(pinned.Archive).Concat(SnapshotsOf(pinned)))
        {
            try
            {
                byte[] file = await small.GetAsync(mirror, path, cancellationToken);
                if (Digest.Sha256(file) == pinned.InRelease)
                {
                    await fetcher.KeepAsync(file, path, notice, cancellationToken);
                    return file;
                }
            }
            catch (BakeException failure) when (failure.Fault == BakeFault.Source)
            {
                notice($"{failure.Place}: {failure.Problem}");
            }
        }

        return null;
    }

    /// <summary>
    /// An index that a lock pins, by its digest: from the cache, a mirror that keeps it by that name, or the snapshot.
    /// </summary>
    /// <returns>Null where nobody has it.</returns>
    /// <exception cref="MalformedDataException">It is broken.</exception>
    public async Task<List<T>?> TryReadPinnedIndexAsync<T>(
        SuitePlan suite, ReleaseFile release, LockedRelease pinned, LockedIndex index, Func<ControlParagraph, T> read,
        Action<string> notice, CancellationToken cancellationToken)
    {
        string path = PathOf(suite.Suite, index);
        string byHash = PathByHash(path, index);

        // by its usual path a mirror that has moved on would send other bytes, and many of them
        string usual = release.AcquireByHash ? byHash : path;
        Artefact wanted = IndexOf(
            path,
            index,
            mirrors.For(suite.Archive).Select(mirror => (mirror, usual)).Concat(
                SnapshotsOf(pinned).SelectMany(mirror => new[] { (mirror, byHash), (mirror, path) })));
        try
        {
            return await fetcher.FetchAsync(wanted, _ => { }, notice, cancellationToken)
                ? await ReadAsync(wanted, read, notice, cancellationToken)
                : null;
        }
        catch (BakeException failure) when (failure.Fault == BakeFault.Source)
        {
            notice($"{failure.Place}: {failure.Problem}");
            return null;
        }
    }

    private static string PathOf(string suite, LockedIndex index) => $"dists/{suite}/{index.Path}";

    private static string PathByHash(string path, LockedIndex index) =>
        $"{path[..path.LastIndexOf('/')]}/by-hash/SHA256/{index.Digest.Hex}";

    private IEnumerable<Mirror> SnapshotsOf(LockedRelease release) =>
        snapshots is null ? [] : [snapshots.At(release.Archive, release.Date)];

    private static Artefact IndexOf(
        string path, LockedIndex index, IEnumerable<(Mirror Mirror, string Path)> sources) =>
        new() { Name = path, Digest = index.Digest, Size = index.Size, Sources = [.. sources] };

    private async Task<List<T>> ReadAsync<T>(
        Artefact index, Func<ControlParagraph, T?> read, Action<string> notice, CancellationToken cancellationToken)
    {
        using FileStream compressed = await fetcher.OpenAsync(index, notice, cancellationToken);
        using Stream text = index.Name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GzipMemberStream(compressed, index.Name)
            : new XzStream(compressed, index.Name);
        return [.. ControlFile.Parse(text, index.Name).Select(read).OfType<T>()];
    }

    public static LockedRelease Locked(
        SuitePlan suite, SignedRelease release, IEnumerable<LockedIndex> indexes) =>
        new()
        {
            Archive = suite.Archive,
            Suite = suite.Suite,
            Date = release.Release.Date,
            InRelease = release.InRelease,
            SignedBy = release.SignedBy,
            Indexes = [.. indexes],
        };
}
