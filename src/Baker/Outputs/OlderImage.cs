namespace Images.Baker.Outputs;

/// <summary>The image that a delta starts from; a node that runs it, and no other, takes the delta.</summary>
internal sealed record OlderImage
{
    public required string RootHash { get; init; }

    public required ReadOnlyMemory<byte> Uki { get; init; }

    /// <summary>As it stands in a slot.</summary>
    public required ReadOnlyMemory<byte> Root { get; init; }
}
