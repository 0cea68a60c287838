using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Oci;

/// <summary>
/// An image layout (OCI image specification, image-layout.md) with one image, as a tar archive: an "OCI archive".
/// </summary>
internal static class OciLayout
{
    public const string IndexFile = "index.json";
    public const string MarkFile = "oci-layout";
    public const string Blobs = "blobs/sha256";

    /// <summary>The full name of an image; containerd takes it as it is.</summary>
    public const string NameAnnotation = "io.containerd.image.name";

    /// <summary>The tag alone; other tools choose an image of a layout by it.</summary>
    public const string TagAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The archive; its bytes are read from the container's blobs when they are asked for.</summary>
    public static FileContent ToArchive(ContainerImage image) => TarArchive.Of(ToTree(image));

    private static FileTree ToTree(ContainerImage image)
    {
        FileTreeBuilder tree = new(modifiedUnixSeconds: 0);
        tree.AddText(MarkFile, """{"imageLayoutVersion":"1.0.0"}""");
        tree.AddFile(IndexFile, new MemoryContent(OciImageWriter.Index(Names(image))));
        foreach ((Digest digest, FileContent content) in image.Blobs)
        {
            tree.AddFile($"{Blobs}/{digest.Hex}", content);
        }

        return tree.Build();
    }

    /// <summary>The image under its tag and under its digest: a pod may ask for either.</summary>
    private static IEnumerable<OciDescriptor> Names(ContainerImage image)
    {
        Dictionary<string, string> byTag = new(StringComparer.Ordinal)
        {
            [NameAnnotation] = image.Name.ToString(),
            [TagAnnotation] = image.Name.Tag!,
        };
        Dictionary<string, string> byDigest = new(StringComparer.Ordinal)
        {
            [NameAnnotation] = image.Name.At(image.Target.Digest).ToString(),
        };
        yield return image.Target with { Annotations = byTag };
        yield return image.Target with { Annotations = byDigest };
    }
}
