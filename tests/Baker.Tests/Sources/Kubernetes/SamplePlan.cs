using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Tests.Plan;
using Images.Formats;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>A plan that describes upstream and Debian as sources of Kubernetes, and what a lock of it looks like.</summary>
internal static class SamplePlan
{
    private const string Kubernetes = """
        kubernetes:
          source: auto
          upstream: { version: 1.36.0 }
          debian:
            toolchain: golang-1.26-go
            suites: [{ suite: bookworm, archive: debian, components: [main], keys: [{ file: keys/a.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }] }]
        """;

    public static ImagePlan WithKubernetes(KubernetesSource source)
    {
        ImagePlan plan = ImagePlanReader.Parse(SmallestPlan.Text + Kubernetes, "image.yaml", "/repo");
        return plan with { Kubernetes = plan.Kubernetes! with { Source = source } };
    }

    public static ImageLock Lock() => new()
    {
        Format = ImageLock.CurrentFormat,
        Architecture = "amd64",
        Request = Digest.Sha256("request"u8),
        Releases = [Release],
        Packages = [],
    };

    public static LockedSourceBuild SourceBuild() => new()
    {
        Version = "1.20.2",
        Source = new LockedSourcePackage
        {
            Name = "kubernetes",
            Version = "1.20.5+really1.20.2-1.1+deb12u1",
            Archive = "debian",
            Suite = "bookworm",
            Files = [File("kubernetes_1.debian.tar.xz"), File("kubernetes_1.dsc"), File("kubernetes_1.orig.tar.gz")],
        },
        Packages = [Package("golang-1.26-go"), Package("golang-1.26-src"), Package(SourceBuildFolders.Reflect2)],
        Releases = [Release],
    };

    private static LockedRelease Release => new()
    {
        Archive = "debian",
        Suite = "bookworm",
        Date = DateTimeOffset.UnixEpoch,
        InRelease = Digest.Sha256("release"u8),
        SignedBy = [],
        Indexes = [],
    };

    private static LockedSourceFile File(string name) => new() { Path = $"pool/main/k/kubernetes/{name}", Size = 1, Digest = Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(name)) };

    private static LockedPackage Package(string name) => new()
    {
        Name = name,
        Version = "1",
        Architecture = "all",
        Archive = "debian",
        Suite = "bookworm",
        Path = $"pool/main/g/{name}/{name}_1_all.deb",
        Size = 1,
        Digest = Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(name)),
        Uses = [PackageUse.Build],
    };
}
