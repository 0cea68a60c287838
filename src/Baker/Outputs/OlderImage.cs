namespace Images.Baker.Outputs;

/// <summary>The image that a delta starts from; the delta holds nothing without it.</summary>
internal sealed record OlderImage
{
    public required string RootHash { get; init; }

    public required ReadOnlyMemory<byte> Uki { get; init; }

    /// <summary>As it stands in a slot.</summary>
    public required ReadOnlyMemory<byte> Root { get; init; }
}
