using Images.Formats.Verity;

namespace Images.Baker.Baking;

/// <summary>What a bake made.</summary>
internal sealed record BakeResult
{
    /// <summary>Path of the raw disk.</summary>
    public required string Image { get; init; }

    public required string Manifest { get; init; }

    public required string Sbom { get; init; }

    /// <summary>Path of the upgrade; null where image.yaml asks for none.</summary>
    public string? Upgrade { get; init; }

    /// <summary>Path of the delta to an older image; null where none was named.</summary>
    public string? Delta { get; init; }

    public required string Version { get; init; }

    /// <summary>Size of the disk in bytes; most of it is a hole.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Bytes that the root takes in its slot, hash tree included.</summary>
    public required long RootBytes { get; init; }

    public required long RootSlotBytes { get; init; }

    public required VerityInfo Verity { get; init; }

    public required int Packages { get; init; }
}
