using System.Collections.Immutable;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Whom to ask for a file that a lock pins: the mirrors, then the snapshot archive at the time of the lock's releases.
/// </summary>
/// <param name="mirrors">Asked first, in their order.</param>
/// <param name="snapshots">Asked last; null for nobody.</param>
internal sealed class ArchiveArtefacts(MirrorSet mirrors, SnapshotArchive? snapshots)
{
    /// <param name="releases">Those that it was resolved from.</param>
    public Artefact Of(LockedPackage package, IEnumerable<LockedRelease> releases) =>
        Of(package.FileName(), package.Digest, package.Size, package.Archive, package.Path, releases);

    /// <summary>Every file of a source package.</summary>
    /// <param name="releases">Those that it was resolved from.</param>
    public IEnumerable<Artefact> Of(LockedSourcePackage source, IEnumerable<LockedRelease> releases) =>
        source.Files.Select(file => Of(file.FileName(), file.Digest, file.Size, source.Archive, file.Path, releases));

    private Artefact Of(
        string name, Digest digest, long size, string archive, string path, IEnumerable<LockedRelease> releases)
    {
        IEnumerable<Mirror> all = mirrors.For(archive);
        if (snapshots is not null)
        {
            DateTimeOffset date = releases.Where(release => release.Archive == archive).Max(release => release.Date);
            all = all.Append(snapshots.At(archive, date));
        }

        ImmutableArray<(Mirror Mirror, string Path)> sources = [.. all.Select(mirror => (mirror, path))];
        return new Artefact { Name = name, Digest = digest, Size = size, Sources = sources };
    }
}
