namespace Images.Baker.Seeds;

/// <summary>Whose secrets a folder holds.</summary>
internal sealed record ClusterDescription
{
    public required string Cluster { get; init; }

    public required string Domain { get; init; }
}
