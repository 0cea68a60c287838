using System.Collections.Immutable;

namespace Images.Baker.Containers.Oci;

/// <summary>One image for one platform: its configuration and its layers, the lowest first.</summary>
internal sealed record OciManifest : OciDocument
{
    public required OciDescriptor Config { get; init; }

    public required ImmutableArray<OciDescriptor> Layers { get; init; }
}
