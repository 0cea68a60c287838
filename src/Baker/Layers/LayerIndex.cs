using Images.Formats.SquashFs;

namespace Images.Baker.Layers;

/// <summary>What a layer's block area holds and what stands where in the tree.</summary>
internal sealed record LayerIndex
{
    /// <summary>The block area's bytes, which start the file.</summary>
    public required long BlocksLength { get; init; }

    public required LayerChecksum BlocksChecksum { get; init; }

    public required IReadOnlyList<SquashFsFragment> Fragments { get; init; }

    /// <summary>In path order.</summary>
    public required IReadOnlyList<LayerIndexEntry> Entries { get; init; }
}
