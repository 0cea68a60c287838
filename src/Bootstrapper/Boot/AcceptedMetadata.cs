using Images.Bootstrapper.Identity;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Boot;

/// <summary>Metadata that was found, read and checked.</summary>
internal sealed record AcceptedMetadata
{
    public required string Source { get; init; }

    /// <summary>Null of the machine's own copy.</summary>
    public required MetadataOrigin? Origin { get; init; }

    public required NodeMetadata Metadata { get; init; }

    public required InstanceMetadata Instance { get; init; }

    /// <summary>What is kept for boots without the medium.</summary>
    public required StoredMetadata Stored { get; init; }
}
