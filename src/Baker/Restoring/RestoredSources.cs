using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;
using Images.Baker.Locking;

namespace Images.Baker.Restoring;

/// <summary>Everything that a lock names lies in the cache.</summary>
internal sealed record RestoredSources
{
    /// <summary>The lock that was restored: the committed one, or the temporary one.</summary>
    public required ImageLock Lock { get; init; }

    /// <summary>Whether it is the temporary one; then the image's version ends in +relocked.</summary>
    public required bool IsRelocked { get; init; }

    public required ArchiveArtefacts Archive { get; init; }

    public required ArtefactFetcher Fetcher { get; init; }

    /// <summary>Opens a package of the lock; every open checks the bytes, and damaged ones are fetched again.</summary>
    /// <exception cref="BakeException">They cannot be.</exception>
    public Task<FileStream> OpenAsync(
        LockedPackage package, Action<string> notice, CancellationToken cancellationToken) =>
        Fetcher.OpenAsync(Archive.Of(package, Lock.Releases), notice, cancellationToken);
}
