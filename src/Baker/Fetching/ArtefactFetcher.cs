using System.Collections.Concurrent;
using System.Collections.Immutable;
using Images.Baker.Caching;
using Images.Formats;

namespace Images.Baker.Fetching;

/// <summary>Brings artefacts into the cache and opens them from there.</summary>
internal sealed class ArtefactFetcher(ContentCache cache, HttpClient client, DownloadOptions options)
{
    private const string LostCode = "BAKE0330";

    /// <summary>Downloads what the cache lacks, several files at once.</summary>
    /// <param name="artefacts">Each name once.</param>
    /// <param name="progress">Told after each read; from several threads.</param>
    /// <param name="notice">
    /// Told of damaged files in the cache and of mirrors that send wrong bytes; from several threads.
    /// </param>
    /// <param name="cancellationToken">Stops the downloads; what is there stays and is gone on with next time.</param>
    /// <returns>
    /// Those that no source has any more, in the order in which they were asked for; empty when all is there.
    /// </returns>
    /// <exception cref="BakeException">No source can be reached, or none sends the bytes that are pinned.</exception>
    public async Task<ImmutableArray<Artefact>> FetchAsync(
        IReadOnlyCollection<Artefact> artefacts,
        IProgress<FetchProgress>? progress,
        Action<string> notice,
        CancellationToken cancellationToken)
    {
        ImmutableArray<Artefact> missing =
            [.. artefacts.Where(artefact => !cache.Holds(artefact.Digest, artefact.Size))];
        FetchCounter counter = new(
            artefacts.Sum(artefact => artefact.Size), missing.Sum(artefact => artefact.Size), progress);
        ConcurrentBag<Artefact> gone = [];
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = options.Parallel,
            CancellationToken = cancellationToken,
        };

        // the big ones first, so that the last connection does not carry one alone
        await Parallel.ForEachAsync(
            missing.OrderByDescending(artefact => artefact.Size), parallel,
            async (artefact, token) =>
            {
                bool found = await FetchAsync(artefact, bytes => counter.Set(artefact.Name, bytes), notice, token);
                counter.Set(artefact.Name, found ? artefact.Size : 0);
                if (!found)
                {
                    gone.Add(artefact);
                }
            });
        return [.. missing.Where(gone.Contains)];
    }

    /// <summary>Downloads one file, unless it is there.</summary>
    /// <param name="position">Told the number of bytes that are there.</param>
    /// <param name="notice">Told of a damaged file in the cache and of mirrors that send wrong bytes.</param>
    /// <returns>False where no source has it.</returns>
    /// <exception cref="BakeException">No source can be reached, or none sends the right bytes.</exception>
    public Task<bool> FetchAsync(
        Artefact wanted, Action<long> position, Action<string> notice, CancellationToken cancellationToken) =>
        cache.AddAsync(
            wanted.Digest,
            wanted.Size,
            wanted.Name,
            file => AskAsync(wanted, file, position, notice, cancellationToken),
            notice,
            cancellationToken);

    /// <summary>A small file whose length nobody knows; null where the cache does not hold it whole.</summary>
    public byte[]? TryRead(Digest digest)
    {
        using FileStream? file = cache.SizeOf(digest) is { } size ? cache.TryOpen(digest, size) : null;
        if (file is null)
        {
            return null;
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Keeps bytes that are there already, for whoever asks for their digest later.</summary>
    /// <param name="name">How messages call them.</param>
    public Task KeepAsync(byte[] bytes, string name, Action<string> notice, CancellationToken cancellationToken) =>
        cache.AddAsync(
            Digest.Sha256(bytes),
            bytes.Length,
            name,
            async file =>
            {
                file.Restart(null);
                await file.Stream.WriteAsync(bytes, cancellationToken);
                return true;
            },
            notice,
            cancellationToken);

    /// <summary>
    /// Opens a file after its bytes were compared with their digest; at its start, seekable. What is damaged in
    /// the cache is fetched again.
    /// </summary>
    /// <exception cref="BakeException">It cannot be fetched again.</exception>
    public async Task<FileStream> OpenAsync(Artefact wanted, Action<string> notice, CancellationToken cancellationToken)
    {
        if (cache.TryOpen(wanted.Digest, wanted.Size) is { } whole)
        {
            return whole;
        }

        string path = cache.PathOf(wanted.Digest);
        try
        {
            bool found = await FetchAsync(wanted, _ => { }, notice, cancellationToken);
            return found && cache.TryOpen(wanted.Digest, wanted.Size) is { } again
                ? again
                : throw Lost(
                    "No mirror and no snapshot has it any more.", "Run 'baker lock' and bake again.", inner: null);
        }
        catch (BakeException failure) when (failure.Fault == BakeFault.Source && failure.Code != LostCode)
        {
            throw Lost(failure.Problem, failure.Remedy, failure);
        }

        BakeException Lost(string problem, string remedy, Exception? inner) => new(
            LostCode, path, $"'{wanted.Name}' is damaged in the cache and cannot be fetched again: {problem}", remedy,
            BakeFault.Source, inner);
    }

    /// <summary>
    /// Asks one after the other until the bytes are right. A file counts as gone only if every source that could be
    /// reached says so; wrong bytes are an error only if nobody has the right ones.
    /// </summary>
    private async Task<bool> AskAsync(
        Artefact wanted, PartialFile file, Action<long> position, Action<string> notice,
        CancellationToken cancellationToken)
    {
        HttpDownload download = new(client, options);
        List<DownloadException> failures = [];
        bool saidGone = false;
        foreach ((Mirror mirror, string path) in wanted.Sources)
        {
            try
            {
                if (await DeliverAsync(download, mirror, path, wanted, file, position, cancellationToken))
                {
                    foreach (DownloadException liar in failures.Where(failure => failure.SentWrongBytes))
                    {
                        notice($"'{wanted.Name}' came from another mirror than the first. {liar.Message}.");
                    }

                    return true;
                }

                saidGone = true;
            }
            catch (DownloadException exception)
            {
                failures.Add(exception);
            }
        }

        string reasons = string.Join("; ", failures.Select(failure => failure.Message));
        if (failures.Any(failure => failure.SentWrongBytes))
        {
            throw new BakeException(
                "BAKE0331", wanted.Name, $"No mirror sends what is pinned, {wanted.Digest}. {reasons}.",
                "Use another mirror (--mirror); tell who runs this one.", BakeFault.Source, failures[0]);
        }

        return saidGone
            ? false
            : throw new BakeException(
                "BAKE0332", wanted.Name, $"No mirror could deliver it. {reasons}.",
                "Check the network, or name a mirror with --mirror.", BakeFault.Source, failures.FirstOrDefault());
    }

    private static Task<bool> DeliverAsync(
        HttpDownload download,
        Mirror mirror,
        string path,
        Artefact wanted,
        PartialFile file,
        Action<long> position,
        CancellationToken cancellationToken) =>
        file.CompleteAsync(
            wanted.Digest,
            () => download.RunAsync(mirror, path, wanted.Size, file, position, cancellationToken),
            actual => new DownloadException($"{mirror.AddressOf(path)} sends wrong bytes: {actual}")
            {
                SentWrongBytes = true,
            });
}
