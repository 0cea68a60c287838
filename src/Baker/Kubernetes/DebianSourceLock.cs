using System.Collections.Immutable;
using Images.Baker.Debian.Archive;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.NodeConfig.Roles;

namespace Images.Baker.Kubernetes;

/// <summary>
/// Finds Debian's source package of Kubernetes, and what it is built with, in suites whose signatures are good.
/// </summary>
internal sealed class DebianSourceLock(SuiteReader suites)
{
    private const string SourceName = "kubernetes";

    /// <exception cref="BakeException">
    /// A suite cannot be reached or believed, or does not hold what is needed.
    /// </exception>
    public async Task<LockedSourceBuild> MakeAsync(
        ImagePlan plan, LockedSourceBuild? previous, string planName, Action<string> notice,
        CancellationToken cancellationToken)
    {
        KubernetesDebianPlan debian = plan.Kubernetes!.Debian!;
        string[] names = [debian.Toolchain, StandardLibraryOf(debian.Toolchain), SourceBuildFolders.Reflect2];
        List<LockedRelease> releases = [];
        List<ArchivePackage> packages = [];
        List<ArchiveSourcePackage> sources = [];
        foreach (SuitePlan suite in debian.Suites)
        {
            LockedRelease? known = previous?.Releases.FirstOrDefault(
                release => release.Archive == suite.Archive && release.Suite == suite.Suite);
            SignedRelease release = await suites.ReadReleaseAsync(suite, known, notice, cancellationToken);
            List<LockedIndex> indexes = [];
            foreach (string component in suite.Components.Order(StringComparer.Ordinal))
            {
                LockedIndex binary = SuiteReader.Find(
                    release.Release, suite, $"{component}/binary-{plan.Debian.Architecture}/Packages");
                packages.AddRange(await suites.ReadIndexAsync(
                    suite,
                    release.Release,
                    binary,
                    paragraph => names.Contains(paragraph["Package"])
                        ? ArchivePackage.Read(paragraph, plan.Debian.Architecture, suite, release.Release)
                        : null,
                    notice,
                    cancellationToken));
                LockedIndex source = SuiteReader.Find(release.Release, suite, $"{component}/source/Sources");
                sources.AddRange(await suites.ReadIndexAsync(
                    suite,
                    release.Release,
                    source,
                    paragraph => paragraph["Package"] == SourceName
                        ? ArchiveSourcePackage.Read(paragraph, suite, release.Release)
                        : null,
                    notice,
                    cancellationToken));
                indexes.AddRange([binary, source]);
            }

            releases.Add(SuiteReader.Locked(suite, release, indexes));
        }

        PackageUniverse universe = new(packages);
        ArchiveSourcePackage kubernetes = Newest(sources, planName);
        LockedSourceBuild build = new()
        {
            Version = VersionOf(kubernetes, planName).ToString(),
            Source = new LockedSourcePackage
            {
                Name = kubernetes.Name,
                Version = kubernetes.Version.ToString(),
                Archive = kubernetes.Archive,
                Suite = kubernetes.Suite,
                Files = RequireFiles(kubernetes, planName),
            },
            Packages = [.. names
                .Order(StringComparer.Ordinal)
                .Select(name => PackageResolver.Find(universe, planName, name).ToLocked([PackageUse.Build]))],
            Releases = [.. releases
                .OrderBy(release => release.Archive, StringComparer.Ordinal)
                .ThenBy(release => release.Suite, StringComparer.Ordinal)],
        };
        notice($"Kubernetes {build.Version} of Debian ({build.Source.Version}), "
            + $"built with {debian.Toolchain} {universe.Find(debian.Toolchain)!.Version}");
        return build;
    }

    /// <summary>golang-1.26-go depends on golang-1.26-src alone.</summary>
    private static string StandardLibraryOf(string toolchain) => toolchain[..^"-go".Length] + "-src";

    private static ArchiveSourcePackage Newest(List<ArchiveSourcePackage> sources, string planName) =>
        sources.Where(source => !source.NotAutomatic).MaxBy(source => source.Version)
            ?? sources.MaxBy(source => source.Version) ?? throw new BakeException(
            "BAKE0370", planName, $"No suite of 'kubernetes.debian' has the source package '{SourceName}'.",
            "Add the suite that holds it (bookworm).");

    /// <summary>1.20.5+really1.20.2-1.1 is 1.20.2: Debian writes it so where it went back.</summary>
    private static ComponentVersion VersionOf(ArchiveSourcePackage source, string planName)
    {
        string upstream = source.Version.Upstream;
        int really = upstream.LastIndexOf("+really", StringComparison.Ordinal);
        string text = (really < 0 ? upstream : upstream[(really + "+really".Length)..]).Split('+')[0];
        return ComponentVersion.TryParseRelease(text) is { } version && KubernetesSupport.Includes(version)
            ? version
            : throw new BakeException(
                "BAKE0370", planName,
                $"The source package '{source.Name}' {source.Version} of {source.Suite} holds no supported Kubernetes "
                    + $"({KubernetesSupport.Range}).",
                "Name another suite under 'kubernetes.debian'.");
    }

    /// <summary>dpkg-source(1), format 3.0 (quilt), with one original archive.</summary>
    private static ImmutableArray<LockedSourceFile> RequireFiles(ArchiveSourcePackage source, string planName)
    {
        bool One(string suffix) =>
            source.Files.Count(file => file.Path.EndsWith(suffix, StringComparison.Ordinal)) == 1;
        return source.Format == "3.0 (quilt)" && source.Files.Length == 3 && One(".dsc") && One(".orig.tar.gz") && One(
            ".debian.tar.xz")
            ? source.Files
            : throw new BakeException(
                "BAKE0370",
                planName,
                $"The source package '{source.Name}' {source.Version} has the format {source.Format} and the files "
                    + $"{string.Join(", ", source.Files.Select(file => file.FileName()))}; 3.0 (quilt) with .dsc, "
                    + ".orig.tar.gz and .debian.tar.xz is read.",
                "Name another suite under 'kubernetes.debian'.");
    }
}
