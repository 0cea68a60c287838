using System.Collections.Immutable;
using Images.Baker.Packages;
using Images.Baker.Plan;
using Images.Baker.Sources.Debian;
using Images.Baker.Sources.Mirrors;

namespace Images.Baker.Sources;

/// <summary>Resolves image.yaml into a lock: signatures, then digests, then packages.</summary>
internal sealed class LockMaker(ArtefactFetcher fetcher, MirrorSet mirrors, SmallDownload small, ReleaseChecker checker)
{
    /// <param name="plan">What is asked for.</param>
    /// <param name="previous">The lock so far; a release older than its own is refused. Null for none.</param>
    /// <param name="planName">How errors call the plan.</param>
    /// <param name="notice">Told a line for each step.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BakeException">A source cannot be reached or believed, or a package cannot be had.</exception>
    public async Task<ImageLock> MakeAsync(ImagePlan plan, ImageLock? previous, string planName, Action<string> notice, CancellationToken cancellationToken)
    {
        List<LockedRelease> releases = [];
        List<ArchivePackage> offered = [];
        foreach (SuitePlan suite in plan.Debian.Suites)
        {
            LockedRelease? known = previous?.Releases.FirstOrDefault(release => release.Archive == suite.Archive && release.Suite == suite.Suite);
            SignedRelease release = await ReadReleaseAsync(suite, known, notice, cancellationToken);
            ImmutableArray<LockedIndex> indexes = IndexesOf(release.Release, suite, plan.Debian.Architecture);
            foreach (LockedIndex index in indexes)
            {
                offered.AddRange(await ReadIndexAsync(suite, release.Release, index, notice, cancellationToken));
            }

            releases.Add(Locked(suite, release, indexes));
            notice($"{suite.Suite} of {release.Release.Date:u}, signed by {string.Join(", ", release.SignedBy)}");
        }

        PackageUniverse universe = new(offered);
        ImmutableArray<LockedPackage> packages = Resolve(plan, universe, planName);
        notice($"{packages.Length} packages, {packages.Sum(package => package.Size) / 1e6:0.0} MB");
        return new ImageLock
        {
            Format = ImageLock.CurrentFormat,
            Architecture = plan.Debian.Architecture,
            Request = LockRequest.DigestOf(plan),
            Releases = [.. releases.OrderBy(release => release.Archive, StringComparer.Ordinal).ThenBy(release => release.Suite, StringComparer.Ordinal)],
            Packages = packages,
            Containers = previous?.Containers ?? [],
        };
    }

    /// <summary>Asks one mirror after the other until one has a release that can be believed.</summary>
    private async Task<SignedRelease> ReadReleaseAsync(SuitePlan suite, LockedRelease? known, Action<string> notice, CancellationToken cancellationToken)
    {
        string path = $"dists/{suite.Suite}/InRelease";
        List<BakeException> failures = [];
        foreach (Mirror mirror in mirrors.For(suite.Archive))
        {
            try
            {
                byte[] file = await small.GetAsync(mirror, path, cancellationToken);
                SignedRelease release = checker.Check(file, suite, known, mirror.AddressOf(path).ToString());
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
        throw failures.Count == 1 ? worst : new BakeException(
            worst.Code, path, $"No mirror has one that can be believed. {string.Join(' ', failures.Select(failure => $"{failure.Place}: {failure.Problem}"))}", worst.Remedy, BakeFault.Source, worst);
    }

    private static ImmutableArray<LockedIndex> IndexesOf(ReleaseFile release, SuitePlan suite, string architecture)
    {
        IEnumerable<string> paths = suite.Components.Select(component => $"{component}/binary-{architecture}/Packages.xz");
        return
        [
            .. paths.Order(StringComparer.Ordinal).Select(path => release.Indexes.GetValueOrDefault(path)
                ?? throw new BakeException(
                    "BAKE0324", $"{suite.Archive} {suite.Suite}", $"Its InRelease names no '{path}'.", "Correct 'components' of this suite in image.yaml.")),
        ];
    }

    private async Task<List<ArchivePackage>> ReadIndexAsync(
        SuitePlan suite, ReleaseFile release, LockedIndex index, Action<string> notice, CancellationToken cancellationToken)
    {
        string path = $"dists/{suite.Suite}/{index.Path}";
        string byHash = $"{path[..path.LastIndexOf('/')]}/by-hash/SHA256/{index.Digest.Hex}";
        string[] paths = release.AcquireByHash ? [byHash, path] : [path];
        Artefact wanted = new()
        {
            Name = path,
            Digest = index.Digest,
            Size = index.Size,
            Sources = [.. mirrors.For(suite.Archive).SelectMany(mirror => paths.Select(candidate => (mirror, candidate)))],
        };
        if (!await fetcher.FetchAsync(wanted, _ => { }, notice, cancellationToken))
        {
            throw new BakeException(
                "BAKE0325", path, "The mirror's InRelease names this file, and the mirror does not have it.", "Wait until the mirror has finished its update, or use another one (--mirror).", BakeFault.Source);
        }

        using FileStream compressed = await fetcher.OpenAsync(wanted, notice, cancellationToken);
        using XzStream text = new(compressed, path);
        return [.. ControlFile.Parse(text, path).Select(paragraph => ArchivePackage.Read(paragraph, suite.Archive, suite.Suite))];
    }

    private static LockedRelease Locked(SuitePlan suite, SignedRelease release, ImmutableArray<LockedIndex> indexes) => new()
    {
        Archive = suite.Archive,
        Suite = suite.Suite,
        Date = release.Release.Date,
        InRelease = release.InRelease,
        SignedBy = release.SignedBy,
        Indexes = indexes,
    };

    private static ImmutableArray<LockedPackage> Resolve(ImagePlan plan, PackageUniverse universe, string planName)
    {
        HashSet<string> dropped = new(plan.Drop, StringComparer.Ordinal);

        IEnumerable<(ArchivePackage Package, PackageUse Use)> uses =
        [
            .. PackageResolver.Resolve(universe, dropped, planName, plan.Packages, withEssential: true).Select(package => (package, PackageUse.Root)),
            .. PackageResolver.Resolve(universe, dropped, planName, plan.Initramfs.Packages, withEssential: false).Select(package => (package, PackageUse.Initramfs)),

            // files are copied out of the boot package and nothing of it runs, so it needs nothing else
            (PackageResolver.Find(universe, planName, plan.Boot.Package), PackageUse.Boot),
        ];
        return
        [
            .. uses.GroupBy(entry => entry.Package.Name, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Locked(group.First().Package, [.. group.Select(entry => entry.Use).Order()])),
        ];
    }

    private static LockedPackage Locked(ArchivePackage package, ImmutableArray<PackageUse> uses) => new()
    {
        Name = package.Name,
        Version = package.Version.ToString(),
        Architecture = package.Architecture,
        Archive = package.Archive,
        Suite = package.Suite,
        Path = package.Path,
        Size = package.Size,
        Digest = package.Digest,
        Uses = uses,
    };
}
