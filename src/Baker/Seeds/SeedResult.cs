namespace Images.Baker.Seeds;

/// <summary>What a seed run left on disk.</summary>
internal sealed record SeedResult
{
    public required string Folder { get; init; }

    public required string Iso { get; init; }

    public required int UserDataBytes { get; init; }
}
