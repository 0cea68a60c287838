using System.Collections.Frozen;

namespace Images.Baker.Containers.Oci;

/// <summary>Media types of the OCI image specification and their elder ones from docker, which mean the same.</summary>
internal static class OciMediaTypes
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string PlainLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>What a registry may answer with.</summary>
    public static readonly string[] Documents = [Manifest, Index, DockerManifest, DockerIndex];

    private static readonly FrozenSet<string> _configs = FrozenSet.Create(
        StringComparer.Ordinal, Config, "application/vnd.docker.container.image.v1+json");

    private static readonly FrozenSet<string> _layers = FrozenSet.Create(
        StringComparer.Ordinal,
        PlainLayer,
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.diff.tar.gzip");

    public static bool IsIndex(string type) => type is Index or DockerIndex;

    public static bool IsManifest(string type) => type is Manifest or DockerManifest;

    public static bool IsConfig(string type) => _configs.Contains(type);

    public static bool IsLayer(string type) => _layers.Contains(type);
}
