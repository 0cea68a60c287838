using System.Collections.Immutable;
using Images.Baker.Debian.Archive;
using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Restoring;

/// <summary>Resolves image.yaml into a lock: signatures, then digests, then packages.</summary>
internal sealed class LockMaker(SuiteReader suites, KubernetesLockMaker kubernetes)
{
    /// <param name="previous">The lock so far; a release older than its own is refused. Null for none.</param>
    /// <param name="planName">How errors call the plan.</param>
    /// <param name="notice">Told a line for each step.</param>
    /// <param name="offered">Gets all that the image's suites hold.</param>
    /// <exception cref="BakeException">A source cannot be reached or believed, or a package cannot be had.</exception>
    public async Task<ImageLock> MakeAsync(
        ImagePlan plan, ImageLock? previous, string planName, Action<string> notice,
        CancellationToken cancellationToken, List<ArchivePackage>? offered = null)
    {
        suites.SayWhatIsNotAsked(notice);
        List<LockedRelease> releases = [];
        offered ??= [];
        foreach (SuitePlan suite in plan.Debian.Suites)
        {
            LockedRelease? known = previous?.Releases.FirstOrDefault(
                release => release.Archive == suite.Archive && release.Suite == suite.Suite);
            SignedRelease release = await suites.ReadReleaseAsync(suite, known, notice, cancellationToken);
            ImmutableArray<LockedIndex> indexes = IndexesOf(release.Release, suite, plan.Debian.Architecture);
            foreach (LockedIndex index in indexes)
            {
                offered.AddRange(await suites.ReadIndexAsync(
                    suite, release.Release, index,
                    paragraph => ArchivePackage.Read(paragraph, plan.Debian.Architecture, suite, release.Release),
                    notice, cancellationToken));
            }

            releases.Add(SuiteReader.Locked(suite, release, indexes));
            notice($"{suite.Suite} of {release.Release.Date:u}, signed by {string.Join(", ", release.SignedBy)}");
        }

        PackageUniverse universe = new(offered);
        ImmutableArray<LockedPackage> packages = Resolve(plan, universe, planName);
        notice($"{packages.Length} packages, {packages.Sum(package => package.Size) / 1e6:0.0} MB");
        return new ImageLock
        {
            Format = ImageLock.CurrentFormat,
            Architecture = plan.Debian.Architecture,
            Request = PlanDigest.Of(plan),
            Releases = [.. releases
                .OrderBy(release => release.Archive, StringComparer.Ordinal)
                .ThenBy(release => release.Suite, StringComparer.Ordinal)],
            Packages = packages,
            Containers = previous?.Containers ?? [],
            Toolchain =
            [
                .. plan.Toolchain.Select(
                    name => PackageResolver.Find(universe, planName, name).ToLocked([PackageUse.Build])),
            ],
            Kubernetes = plan.Kubernetes is null
                ? null
                : await kubernetes.MakeAsync(plan, previous?.Kubernetes, planName, notice, cancellationToken),
        };
    }

    private static ImmutableArray<LockedIndex> IndexesOf(ReleaseFile release, SuitePlan suite, string architecture)
    {
        IEnumerable<string> paths = suite.Components.Select(
            component => $"{component}/binary-{architecture}/Packages");
        return [.. paths.Order(StringComparer.Ordinal).Select(path => SuiteReader.Find(release, suite, path))];
    }

    private static ImmutableArray<LockedPackage> Resolve(ImagePlan plan, PackageUniverse universe, string planName)
    {
        HashSet<string> dropped = new(plan.Drop, StringComparer.Ordinal);
        ImmutableArray<ImmutableArray<ArchivePackage>> resolved = PackageResolver.Resolve(
            universe, dropped, planName,
            new PackageRequest(plan.Packages, WithEssential: true),
            new PackageRequest(plan.Initramfs.Packages, WithEssential: false));

        IEnumerable<(ArchivePackage Package, PackageUse Use)> uses =
        [
            .. resolved[0].Select(package => (package, PackageUse.Root)),
            .. resolved[1].Select(package => (package, PackageUse.Initramfs)),

            // files are copied out of the boot package and nothing of it runs, so it needs nothing else
            (PackageResolver.Find(universe, planName, plan.Boot.Package), PackageUse.Boot),
        ];
        return
        [
            .. uses.GroupBy(entry => entry.Package.Name, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => group.First().Package.ToLocked([.. group.Select(entry => entry.Use).Order()])),
        ];
    }
}
