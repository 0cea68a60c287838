namespace Images.Baker.Seeds;

/// <summary>Whose secrets a folder holds.</summary>
internal sealed record ClusterDescription
{
    public required string Cluster { get; init; }

    public required string Domain { get; init; }

    /// <summary>Null until a master or worker got its seed.</summary>
    public ClusterNetwork? Network { get; init; }
}
