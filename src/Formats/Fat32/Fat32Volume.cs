using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>
/// What a volume holds. The files' contents are read from the volume when they are asked for, one thread at a time.
/// </summary>
internal sealed record Fat32Volume
{
    public required string Label { get; init; }

    public required uint Serial { get; init; }

    public required uint HiddenSectors { get; init; }

    public required Fat32Geometry Geometry { get; init; }

    public required uint FreeClusters { get; init; }

    public required FileTree Tree { get; init; }
}
