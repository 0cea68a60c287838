namespace Images.Baker.Clusters;

/// <summary>What the user asks <c>baker cluster up</c> for.</summary>
internal sealed record ClusterOrder
{
    public required string Name { get; init; }

    /// <summary>Null: those that the cluster has, or one that is everything.</summary>
    public IReadOnlyList<PlannedNode>? Nodes { get; init; }

    /// <summary>Null: the one that the cluster has, or the newest that a bake left.</summary>
    public string? Image { get; init; }

    /// <summary>A folder that <c>baker seed</c> made; null: the cluster's own, made if they are not there.</summary>
    public string? Seeds { get; init; }

    /// <summary>dns, vip or lb; null: as the cluster has it; at first dns.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Addresses for Services of type LoadBalancer; null: as the cluster has it; at first none.</summary>
    public string? LbPool { get; init; }

    /// <summary>Null: as the cluster has it; at first it has one.</summary>
    public bool? NoUplink { get; init; }

    public bool Foreground { get; init; }
}
