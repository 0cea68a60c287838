using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>The baker that the build published, and a plan of its own to bake: a copy of the checkout's.</summary>
internal sealed class PublishedBaker
{
    private readonly string _work;
    private int _change;

    public PublishedBaker(string repository, string work)
    {
        _work = work;
        Judge.Run("rm", "-rf", Path.Combine(work, "plan"), Output); // what an earlier run left
        Plan = Directory.CreateDirectory(Path.Combine(work, "plan")).FullName;
        foreach (string part in new[] { "image.yaml", "image.lock.json", "keys", "roles" })
        {
            Judge.Run("cp", "-a", Path.Combine(repository, part), Plan);
        }
    }

    /// <summary>Folder of image.yaml and what it names.</summary>
    public string Plan { get; }

    /// <summary>Where a user's bakes keep their downloads and layers.</summary>
    public string Cache { get; } = CacheFolder.Choose(null, Environment.GetEnvironmentVariable);

    /// <summary>Largest resident set of all bakes so far.</summary>
    public long PeakKibibytes { get; private set; }

    public string Output => Path.Combine(_work, "out");

    /// <summary>The image that the last bake of the plan made.</summary>
    public string Image => Directory.GetFiles(Output, "*.raw").Single();

    /// <summary>Seconds of one bake. The source of Kubernetes is named: 'auto' would ask upstream's server, which takes its time.</summary>
    public double Bake(string cache, string planName = "image", string? output = null, string kubernetes = "debian")
    {
        (double seconds, long peak) = Timed.SecondsAndPeak(Path.Combine(_work, "time"),
            "dotnet", BakedImage.Baker, "bake", Path.Combine(Plan, $"{planName}.yaml"), "--lock", Path.Combine(Plan, $"{planName}.lock.json"),
            "--bootstrapper", Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper"), "--out", output ?? Output, "--cache", cache, "--kubernetes", kubernetes);
        PeakKibibytes = Math.Max(PeakKibibytes, peak);
        return seconds;
    }

    /// <summary>A cache that has the downloads, Kubernetes as it was built from source unless that is left out, and nothing else.</summary>
    public string ColdCache(bool withKubernetes = true)
    {
        string cold = Path.Combine(_work, "cold-cache");
        if (Directory.Exists(cold))
        {
            Directory.Delete(cold, recursive: true);
        }

        Directory.CreateDirectory(cold);
        string[] parts = withKubernetes ? ["sha256", "built"] : ["sha256"];
        foreach (string kept in parts.Where(part => Directory.Exists(Path.Combine(Cache, part))))
        {
            Judge.Run("sh", "-c", $"cp -al '{Cache}/{kept}' '{cold}/' 2>/dev/null || cp -a '{Cache}/{kept}' '{cold}/'");
        }

        return cold;
    }

    public void ChangeARole() => ChangeARole(Plan, ++_change);

    /// <summary>Appends a comment to a template of the role etcd.</summary>
    public static void ChangeARole(string checkout, int change) =>
        File.AppendAllText(Path.Combine(checkout, "roles", "etcd", "templates", "etcd.env"), $"# change {change}\n");

    public ImageLock Lock(string planName = "image") => ImageLockFile.Read(Path.Combine(Plan, $"{planName}.lock.json"));

    /// <summary>The files of the packages that go into the root.</summary>
    public IEnumerable<(LockedPackage Package, string File)> RootPackages(string planName = "image") =>
        Lock(planName).PackagesFor(PackageUse.Root).Select(package => (package, Path.Combine(Cache, "sha256", package.Digest.Hex)));
}
