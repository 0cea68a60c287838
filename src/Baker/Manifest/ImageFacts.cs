using Images.Formats;

namespace Images.Baker.Manifest;

/// <summary>What the bake knows of an image beside its files.</summary>
public sealed record ImageFacts
{
    /// <summary>IMAGE_ID: lower-case letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>IMAGE_VERSION, same characters and '+'.</summary>
    public required string Version { get; init; }

    /// <summary>Unix seconds that stand for "now" everywhere in the image; the floor of a node's clock.</summary>
    public required long SourceDateUnixSeconds { get; init; }

    /// <summary>Release of the kernel whose modules are in the image, as <c>uname -r</c> prints it.</summary>
    public required string KernelRelease { get; init; }

    /// <summary>Identity of the compressor that cut the SquashFS blocks.</summary>
    public required string CompressorIdentity { get; init; }

    /// <summary>.NET SDK, runtime pack and crossgen that made the bootstrapper: name and version.</summary>
    public required IReadOnlyDictionary<string, string> Tools { get; init; }

    /// <summary>Null where the image holds no Kubernetes.</summary>
    public KubernetesFacts? Kubernetes { get; init; }

    /// <summary>Manifests that masters apply, sorted by file.</summary>
    public IReadOnlyList<AddOnFacts> AddOns { get; init; } = [];

    /// <summary>What was resolved from where: suite and SHA-256 of its InRelease.</summary>
    public required IReadOnlyDictionary<string, Digest> Suites { get; init; }

    /// <summary>What the bootstrapper consists of and what made it, sorted.</summary>
    public IReadOnlyList<SoftwarePart> BootstrapperParts { get; init; } = [];
}
