using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;

namespace Images.Baker.Restoring;

/// <summary>How artefacts are obtained; the same for every command.</summary>
internal sealed record RestoreOptions
{
    /// <summary>Address of a mirror, or null for the host's own and the default one.</summary>
    public string? Mirror { get; init; }

    /// <summary>See <see cref="Caching.CacheFolder.Choose"/>.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>
    /// Where what is made of downloads is kept: layers, derived results, built programs. Null for the cache folder.
    /// They vouch for themselves only, while a download is compared with the lock.
    /// </summary>
    public string? DerivedFolder { get; init; }

    /// <summary>Where the host's apt keeps its sources.</summary>
    public string AptFolder { get; init; } = "/etc/apt";

    /// <summary>Asked for what every mirror has dropped; null for nobody.</summary>
    public SnapshotArchive? Snapshots { get; init; } = SnapshotArchive.Default;

    /// <summary>Address of a server with upstream's releases of Kubernetes, or null for upstream's own.</summary>
    public string? KubernetesMirror { get; init; }

    public DownloadOptions Download { get; init; } = new();

    /// <summary>Tells at lock time whether a release or a key has expired.</summary>
    public required TimeProvider Clock { get; init; }
}
