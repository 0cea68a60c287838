using System.Collections.Immutable;
using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Restoring;

/// <summary>
/// Derives a lock from what is signed, once more: the InRelease files that it pins, the indexes that these name, and in
/// them every package. So a digest that nobody can judge by eye cannot have come from elsewhere.
/// </summary>
internal sealed class LockChecker(SuiteReader suites, ReleaseChecker releases)
{
    /// <param name="lockPath">The texts of the releases lie beside it.</param>
    /// <param name="before">What this lock pins as well is left out; null for nothing.</param>
    /// <param name="notice">Told of damaged files and of mirrors that send wrong bytes.</param>
    /// <returns>How much could be checked; the rest is at fault for nothing but cannot be had.</returns>
    /// <exception cref="BakeException">The lock says something that is not signed.</exception>
    public async Task<LockReport> CheckAsync(
        ImagePlan plan, ImageLock imageLock, string lockPath, ImageLock? before, Action<string> notice,
        CancellationToken cancellationToken)
    {
        imageLock.RequireAnswerTo(plan, lockPath);
        HashSet<PinnedFile> known = [.. before is null ? [] : PinnedFilesOf(before)];
        int right = 0;
        List<(string Reason, string Name)> left = [];
        List<string> wrong = [];
        foreach (PinnedSuite pinned in PinnedSuite.Of(plan, imageLock, lockPath))
        {
            PinnedFile[] wanted = [.. pinned.Files.Where(file => !known.Contains(file))];
            byte[]? text = ReleaseTexts.TryRead(lockPath, pinned.Release)
                ?? await suites.TryReadPinnedAsync(pinned.Release, notice, cancellationToken);
            if (text is null)
            {
                left.AddRange(Unchecked(
                    $"the InRelease of {pinned.Release.Suite} of {pinned.Release.Date:u} is not beside the lock, and "
                        + "no mirror has it any more",
                    wanted));
                continue;
            }

            ReleaseFile release = releases.CheckPinned(
                text, pinned.Suite, pinned.Release, $"{lockPath}: {pinned.Release.Suite}");
            RequireIndexes(release, pinned.Release, lockPath);
            (ImmutableArray<PinnedFile> offered, bool isWhole) = await ReadIndexesAsync(
                pinned, release, plan.Debian.Architecture, wanted, notice, cancellationToken);
            PinnedFile[] missing = [.. wanted.Except(offered)];
            right += wanted.Length - missing.Length;
            if (isWhole)
            {
                wrong.AddRange(missing.Select(file => Describe(file, offered, pinned.Release)));
            }
            else
            {
                left.AddRange(Unchecked(
                    $"no mirror has the indexes of {pinned.Release.Suite} of {pinned.Release.Date:u} any more",
                    missing));
            }
        }

        return wrong is []
            ? new LockReport(right, left
                .GroupBy(entry => entry.Reason, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(
                    group => group.Key, group => group.Select(entry => entry.Name).Distinct().ToImmutableArray(),
                    StringComparer.Ordinal))
            : throw new BakeException(
                "BAKE0351", lockPath, $"It pins what no signed index names: {string.Join("; ", wrong)}.",
                "Find out who changed it. 'baker lock' makes it anew from what is signed.");
    }

    /// <summary>Something that the lock pins is not as it says.</summary>
    internal static BakeException NotAsPinned(string place, string problem, Exception? inner = null) => new(
        "BAKE0350", place, problem,
        "Restore the lock and the texts beside it from version control, or make them anew with 'baker lock'.",
        inner: inner);

    private static IEnumerable<PinnedFile> PinnedFilesOf(ImageLock imageLock) =>
    [
        .. imageLock.Packages
            .Concat(imageLock.Toolchain)
            .Concat(imageLock.Kubernetes?.Debian?.Packages ?? [])
            .Select(PinnedFile.Of),
        .. imageLock.Kubernetes?.Debian is { } build ? PinnedFile.Of(build.Source) : [],
    ];

    private static IEnumerable<(string Reason, string Name)> Unchecked(string reason, IEnumerable<PinnedFile> files) =>
        files.Select(file => (reason, file.Architecture == "source"
            ? file.Path[(file.Path.LastIndexOf('/') + 1)..]
            : $"{file.Name} {file.Version}"));

    private static void RequireIndexes(ReleaseFile release, LockedRelease pinned, string lockPath)
    {
        foreach (LockedIndex index in pinned.Indexes)
        {
            if (release.Indexes.GetValueOrDefault(index.Path) != index)
            {
                throw NotAsPinned(
                    lockPath,
                    $"The InRelease of {pinned.Suite} names '{index.Path}' with another digest, or not at all.");
            }
        }
    }

    /// <returns>What the indexes say of the wanted packages, and whether all of them could be read.</returns>
    private async Task<(ImmutableArray<PinnedFile> Offered, bool IsWhole)> ReadIndexesAsync(
        PinnedSuite pinned, ReleaseFile release, string architecture, PinnedFile[] wanted, Action<string> notice,
        CancellationToken cancellationToken)
    {
        if (wanted is [])
        {
            return ([], true);
        }

        HashSet<string> names = new(wanted.Select(file => file.Name), StringComparer.Ordinal);
        ImmutableArray<PinnedFile>.Builder offered = ImmutableArray.CreateBuilder<PinnedFile>();
        bool isWhole = true;
        foreach (LockedIndex index in pinned.Release.Indexes)
        {
            bool isOfSources = index.Path.Contains("/source/", StringComparison.Ordinal);
            List<ImmutableArray<PinnedFile>>? found = await suites.TryReadPinnedIndexAsync(
                pinned.Suite, release, pinned.Release, index,
                paragraph => names.Contains(paragraph["Package"] ?? "") ? Read(paragraph, isOfSources) : [],
                notice, cancellationToken);
            offered.AddRange((found ?? []).SelectMany(files => files));
            isWhole &= found is not null;
        }

        return (offered.ToImmutable(), isWhole);

        ImmutableArray<PinnedFile> Read(ControlParagraph paragraph, bool isOfSources)
        {
            if (isOfSources)
            {
                ArchiveSourcePackage source = ArchiveSourcePackage.Read(paragraph, pinned.Suite, release);
                return [.. PinnedFile.Of(source.Name, source.Version.ToString(), source.Files)];
            }

            return ArchivePackage.Read(paragraph, architecture, pinned.Suite, release) is { } package
                ? [PinnedFile.Of(package.ToLocked([]))]
                : [];
        }
    }

    private static string Describe(PinnedFile file, ImmutableArray<PinnedFile> offered, LockedRelease release)
    {
        PinnedFile[] others =
            [.. offered.Where(other => other.Name == file.Name && other.Architecture == file.Architecture)];
        string there = others.FirstOrDefault(other => other.Version == file.Version) is { } same
            ? $"it has {same.Path}, {same.Size} bytes, {same.Digest}"
            : others is []
                ? "it has no such package"
                : $"it has {string.Join(", ", others.Select(other => other.Version))}";
        return $"{file.Name} {file.Version} ({file.Path}, {file.Size} bytes, {file.Digest}) "
            + $"of {release.Suite}; {there}";
    }
}
