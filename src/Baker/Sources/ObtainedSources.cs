namespace Images.Baker.Sources;

/// <summary>Everything that a lock names lies in the cache.</summary>
internal sealed record ObtainedSources
{
    /// <summary>The lock that was obtained: the committed one, or the temporary one.</summary>
    public required ImageLock Lock { get; init; }

    /// <summary>Whether it is the temporary one; then the image's version ends in +relocked.</summary>
    public required bool IsRelocked { get; init; }

    public required ArtefactFetcher Fetcher { get; init; }

    /// <summary>Opens a package of the lock; every open checks the bytes, and damaged ones are fetched again.</summary>
    /// <exception cref="BakeException">They cannot be.</exception>
    public Task<FileStream> OpenAsync(LockedPackage package, Action<string> notice, CancellationToken cancellationToken) =>
        Fetcher.OpenAsync(package, Lock, notice, cancellationToken);
}
