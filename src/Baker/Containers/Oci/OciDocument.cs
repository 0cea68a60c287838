namespace Images.Baker.Containers.Oci;

/// <summary>What a reference leads to: an index or a manifest.</summary>
internal abstract record OciDocument
{
    public required string MediaType { get; init; }
}
