namespace Images.Baker.Sources.GoBuild;

/// <summary>What has to change in the sources of Kubernetes 1.20 before they may be built; docs/decisions/0011 says why.</summary>
internal static class KubernetesSourceFixes
{
    private const string Vendored = "vendor/github.com/modern-go/reflect2";
    private const string Packaged = "usr/share/gocode/src/github.com/modern-go/reflect2";
    private const string Cadvisor = "vendor/github.com/google/cadvisor/container/libcontainer";
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

    /// <summary>The text that <see cref="MendRootStatistics"/> adds; part of a build's key.</summary>
    public static string RootStatsText { get; } = ReadResource();

    /// <summary>
    /// Puts Debian's reflect2 in place of the vendored one, which declares a function of the runtime as it was before Go 1.18
    /// and so writes through a wrong pointer whenever a map is encoded.
    /// </summary>
    /// <param name="source">The source tree.</param>
    /// <param name="library">The unpacked package.</param>
    /// <exception cref="MalformedDataException">One of them is not there.</exception>
    public static void ReplaceReflect2(string source, string library)
    {
        string target = Path.Combine(source, Vendored);
        string[] old = SourcesIn(target), packaged = SourcesIn(Path.Combine(library, Packaged));
        if (old.Length == 0 || packaged.Length == 0)
        {
            throw new MalformedDataException(old.Length == 0 ? Vendored : Packaged, -1, "holds no Go sources, so what corrupts memory cannot be replaced");
        }

        foreach (string file in old)
        {
            File.Delete(file);
        }

        foreach (string file in packaged)
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    /// <summary>Gives the root of a cgroup v2 hierarchy its statistics, so that the kubelet knows what the node has left.</summary>
    /// <exception cref="MalformedDataException">The place is not as it was in 1.20.</exception>
    public static void MendRootStatistics(string source)
    {
        SourceText.Replace(Path.Combine(source, Cadvisor, "handler.go"), $"{Cadvisor}/handler.go", Unread, Read);
        File.WriteAllText(Path.Combine(source, Cadvisor, "root_cgroup_stats.go"), RootStatsText);
    }

    private static string[] SourcesIn(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".go" or ".s").Order(StringComparer.Ordinal)]
        : [];

    private static string ReadResource()
    {
        using Stream stream = typeof(KubernetesSourceFixes).Assembly.GetManifestResourceStream(RootStats)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
