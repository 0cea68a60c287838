using System.Collections.Immutable;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.AddOns;

/// <summary>One manifest that the image carries.</summary>
internal sealed record AddOnFile
{
    /// <summary>In the image's folder; ends in .yaml.</summary>
    public required string Name { get; init; }

    /// <summary>How errors call it: as image.yaml has it, with the file's name where that is a folder.</summary>
    public required string WrittenPath { get; init; }

    /// <summary>The bytes as they were read, which land in the image.</summary>
    public required FileContent Content { get; init; }

    /// <summary>In the order of the file, at least one.</summary>
    public required ImmutableArray<ManifestObject> Objects { get; init; }

    public required bool MayPull { get; init; }

    public string ImagePath => $"{NodePaths.AddOns}/{Name}";
}
