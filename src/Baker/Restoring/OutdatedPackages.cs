using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;

namespace Images.Baker.Restoring;

/// <summary>Which packages of a lock are older than what the archives hold now.</summary>
internal static class OutdatedPackages
{
    /// <param name="pinned">The lock.</param>
    /// <param name="now">What would be locked now.</param>
    /// <param name="offered">All that the image's suites hold now.</param>
    /// <returns>A line a package, those with a security update first, and a last line that counts them.</returns>
    public static IEnumerable<string> Describe(
        ImageLock pinned, ImageLock now, IReadOnlyCollection<ArchivePackage> offered)
    {
        Dictionary<string, LockedPackage> newest = new(StringComparer.Ordinal);
        foreach (LockedPackage package in Binary(now))
        {
            newest.TryAdd(package.Name, package);
        }

        ILookup<string, ArchivePackage> security = offered
            .Where(package => package.Archive == "debian-security")
            .ToLookup(package => package.Name, StringComparer.Ordinal);
        LockedPackage[] all = [.. Binary(pinned).DistinctBy(package => package.Name)];
        (bool IsSecurity, string Line)[] outdated =
        [
            .. all
                .Where(package => newest.TryGetValue(package.Name, out LockedPackage? other) && IsNewer(other, package))
                .OrderBy(package => package.Name, StringComparer.Ordinal)
                .Select(package => (
                    security[package.Name].Any(
                        update => update.Version.CompareTo(DebVersion.Parse(package.Version)) > 0),
                    $"{package.Name} {package.Version} -> "
                        + $"{newest[package.Name].Version} ({newest[package.Name].Suite})")),
        ];
        int urgent = outdated.Count(entry => entry.IsSecurity);
        return
        [
            .. outdated.Where(entry => entry.IsSecurity).Select(entry => $"security  {entry.Line}"),
            .. outdated.Where(entry => !entry.IsSecurity).Select(entry => $"          {entry.Line}"),
            $"{outdated.Length} of {all.Length} packages are outdated, {urgent} of them by security updates.",
        ];
    }

    private static IEnumerable<LockedPackage> Binary(ImageLock imageLock) => imageLock.Packages
        .Concat(imageLock.Toolchain)
        .Concat(imageLock.Kubernetes?.Debian?.Packages ?? []);

    private static bool IsNewer(LockedPackage other, LockedPackage package) =>
        DebVersion.Parse(other.Version).CompareTo(DebVersion.Parse(package.Version)) > 0;
}
