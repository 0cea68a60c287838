using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Oci;

/// <summary>One container image, whole: every blob that a node of this architecture needs.</summary>
internal sealed record ContainerImage
{
    /// <summary>With a tag.</summary>
    public required ContainerReference Name { get; init; }

    /// <summary>The manifest, or the index that leads to it.</summary>
    public required OciDescriptor Target { get; init; }

    /// <summary>Index (if any), manifest, configuration and layers.</summary>
    public required IReadOnlyDictionary<Digest, FileContent> Blobs { get; init; }
}
