using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// What has to change in the sources of Kubernetes 1.20 before they may be built; docs/decisions/0011 says why.
/// </summary>
internal static class KubernetesSourceFixes
{
    private const string Vendored = SourceBuildFolders.Source + "/vendor/github.com/modern-go/reflect2";
    private const string Packaged = SourceBuildFolders.Library + "/usr/share/gocode/src/github.com/modern-go/reflect2";
    private const string Cadvisor = SourceBuildFolders.Source
        + "/vendor/github.com/google/cadvisor/container/libcontainer";
    private const string RootStats = "RootCgroupStats.go";

    private const string Unread = """
        	if readCgroupStats {
        		cgroupStats, err = h.cgroupManager.GetStats()
        		if err != nil {
        			return nil, err
        		}
        	}

        """;

    private const string Read = """
        	if readCgroupStats {
        		cgroupStats, err = h.cgroupManager.GetStats()
        	} else {
        		cgroupStats, err = readRootStats("/proc", fs2.UnifiedMountpoint)
        	}
        	if err != nil {
        		return nil, err
        	}

        """;

    /// <summary>
    /// Puts Debian's reflect2 in place of the vendored one, which declares a function of the runtime as it was before
    /// Go 1.18 and so writes through a wrong pointer whenever a map is encoded.
    /// </summary>
    public static SourceFix Reflect2 { get; } = new(
        "Debian's modern-go/reflect2 in place of the vendored one",
        SourceBuildStep.ExchangeSources(Vendored, Packaged, ".go", ".s"));

    /// <summary>
    /// Gives the root of a cgroup v2 hierarchy its statistics, so that the kubelet knows what the node has left.
    /// </summary>
    public static SourceFix RootStatistics { get; } = new(
        "cadvisor reads the statistics of the root of a cgroup v2 hierarchy",
        SourceBuildStep.ReplacePassage(Cadvisor + "/handler.go", Unread, Read),
        SourceBuildStep.WriteFile(Cadvisor + "/root_cgroup_stats.go", ReadResource()));

    /// <summary>All changes, in the order in which they are made.</summary>
    public static ImmutableArray<SourceFix> All { get; } = [Reflect2, RootStatistics, .. KubernetesSourceWaits.All];

    /// <summary>Removes the sources of a folder and copies those of a package there.</summary>
    /// <param name="folder">What errors call it, and where it is.</param>
    /// <param name="package">Likewise.</param>
    /// <param name="extensions">Of the files that are sources.</param>
    /// <exception cref="MalformedDataException">One of them holds none.</exception>
    public static void Exchange(
        (string Name, string Path) folder, (string Name, string Path) package, IReadOnlyCollection<string> extensions)
    {
        string[] old = SourcesIn(folder.Path, extensions), packaged = SourcesIn(package.Path, extensions);
        if (old.Length == 0 || packaged.Length == 0)
        {
            throw new MalformedDataException(
                old.Length == 0 ? folder.Name : package.Name, -1,
                "holds no Go sources, so what corrupts memory cannot be replaced");
        }

        foreach (string file in old)
        {
            File.Delete(file);
        }

        foreach (string file in packaged)
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }
    }

    private static string[] SourcesIn(string folder, IReadOnlyCollection<string> extensions) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder)
            .Where(file => extensions.Contains(Path.GetExtension(file)))
            .Order(StringComparer.Ordinal)]
        : [];

    private static string ReadResource()
    {
        using Stream stream = typeof(KubernetesSourceFixes).Assembly.GetManifestResourceStream(RootStats)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
