using System.Collections.Immutable;
using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Restoring;

/// <summary>A release of the lock, the suite of image.yaml that it is of, and what the lock took from it.</summary>
internal sealed record PinnedSuite(LockedRelease Release, SuitePlan Suite, ImmutableArray<PinnedFile> Files)
{
    /// <summary>Of the image and its linker, then of Kubernetes' build.</summary>
    /// <exception cref="BakeException">A release is of no suite of the plan, or a package of no release.</exception>
    public static IEnumerable<PinnedSuite> Of(ImagePlan plan, ImageLock imageLock, string lockName)
    {
        IEnumerable<LockedPackage> packages = imageLock.Packages.Concat(imageLock.Toolchain);
        List<PinnedSuite> suites =
        [
            .. Of(
                plan.Debian.Suites, imageLock.Releases,
                packages.Select(package => (package.Archive, package.Suite, PinnedFile.Of(package))), lockName),
        ];
        if (imageLock.Kubernetes?.Debian is { } build)
        {
            suites.AddRange(Of(
                plan.Kubernetes?.Debian?.Suites ?? [],
                build.Releases,
                build.Packages
                    .Select(package => (package.Archive, package.Suite, PinnedFile.Of(package)))
                    .Concat(PinnedFile.Of(build.Source)
                        .Select(file => (build.Source.Archive, build.Source.Suite, file))),
                lockName));
        }

        return suites;
    }

    private static IEnumerable<PinnedSuite> Of(
        ImmutableArray<SuitePlan> suites,
        ImmutableArray<LockedRelease> releases,
        IEnumerable<(string Archive, string Suite, PinnedFile File)> files,
        string lockName)
    {
        ILookup<(string Archive, string Suite), PinnedFile> taken =
            files.ToLookup(entry => (entry.Archive, entry.Suite), entry => entry.File);
        if (taken.FirstOrDefault(
            group => !releases.Any(release => (release.Archive, release.Suite) == group.Key)) is { } homeless)
        {
            throw LockChecker.NotAsPinned(
                lockName, $"'{homeless.First().Name}' is of {homeless.Key.Suite}, of which it pins no release.");
        }

        return releases.Select(release => new PinnedSuite(
            release,
            suites.FirstOrDefault(suite => suite.Archive == release.Archive && suite.Suite == release.Suite)
                ?? throw LockChecker.NotAsPinned(
                    lockName, $"It pins a release of {release.Suite}, which image.yaml does not name."),
            [.. taken[(release.Archive, release.Suite)]]));
    }
}
