using Images.Bootstrapper.Identity;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Boot;

/// <summary>Metadata that was found, read and checked.</summary>
internal sealed record AcceptedMetadata
{
    public required string Source { get; init; }

    public required NodeMetadata Metadata { get; init; }

    public required InstanceMetadata Instance { get; init; }

    /// <summary>What is kept for boots without the medium.</summary>
    public required StoredMetadata Stored { get; init; }
}
