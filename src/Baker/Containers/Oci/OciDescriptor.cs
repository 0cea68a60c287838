using Images.Formats;

namespace Images.Baker.Containers.Oci;

/// <summary>Points to content by its digest (OCI image specification, descriptor.md).</summary>
internal sealed record OciDescriptor
{
    public required string MediaType { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Only within an index, and not always there.</summary>
    public OciPlatform? Platform { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);
}
