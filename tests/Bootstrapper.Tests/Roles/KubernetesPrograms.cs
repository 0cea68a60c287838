using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>Kubernetes' programs to try roles/ on: of the folder IMAGES_KUBERNETES, else those that a bake built last and left in the cache.</summary>
internal static class KubernetesPrograms
{
    public static string Folder { get; } = Find();

    /// <summary>As 1.36.2.</summary>
    public static string Version { get; } = Judge.Run(Path.Combine(Folder, "kube-apiserver"), "--version").Trim().Split(" v")[1].Split('-', '+')[0];

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("IMAGES_KUBERNETES") is { Length: > 0 } given)
        {
            return given;
        }

        string userCache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string cache = Environment.GetEnvironmentVariable("IMAGES_CACHE") is { Length: > 0 } named ? named : Path.Combine(userCache, "images");
        string built = Path.Combine(cache, "built");
        string? newest = Directory.Exists(built)
            ? Directory.EnumerateDirectories(built).Where(folder => File.Exists(Path.Combine(folder, "kube-apiserver"))).MaxBy(Directory.GetLastWriteTimeUtc)
            : null;
        return newest ?? throw new JudgeException("Kubernetes' programs are missing, so this test cannot decide. Bake an image with Kubernetes, or name their folder in IMAGES_KUBERNETES.");
    }
}
