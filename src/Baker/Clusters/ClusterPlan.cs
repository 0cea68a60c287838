// The records of one document, read together.
#pragma warning disable MA0048
using System.Text.Json.Serialization;
using Images.Baker.Seeds;

namespace Images.Baker.Clusters;

/// <summary>What a cluster is: <c>cluster.json</c> in its folder, written by its first <c>up</c>.</summary>
internal sealed record ClusterPlan
{
    public required string Name { get; init; }

    public required string Domain { get; init; }

    /// <summary>Full path of the disk image whose root the nodes have.</summary>
    public required string Image { get; init; }

    /// <summary>The folder that <c>baker seed --out</c> made.</summary>
    public required string Seeds { get; init; }

    public required IReadOnlyList<PlannedNode> Nodes { get; init; }

    /// <summary>The port of 127.0.0.1 where the API answers; another one where it is taken.</summary>
    public required int ApiPort { get; init; }

    /// <summary>Where machines find the API: dns, vip or lb; null for dns.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Addresses for Services of type LoadBalancer, with commas; null for none.</summary>
    public string? LbPool { get; init; }

    /// <summary>Nodes reach nothing but each other and this machine's relays.</summary>
    public bool NoUplink { get; init; }

    /// <summary>DNS names that were given a meaning of their own; null for none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? SetRecords { get; init; }

    [JsonIgnore]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Records =>
        SetRecords ?? new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The node of this name.</summary>
    /// <exception cref="BakeException">There is none.</exception>
    public PlannedNode Require(string node) =>
        Nodes.FirstOrDefault(known => known.Name == node) ?? throw new BakeException(
            "BAKE0964",
            node,
            $"is no node of the cluster {Name}.",
            $"It has {string.Join(", ", Nodes.Select(known => known.Name))}.");

    /// <summary>What DNS answers: the addresses of the nodes that have a role, unless a name was set.</summary>
    public IEnumerable<(string Name, string[] Addresses)> Names() => RoleNames()
        .Where(name => !Records.ContainsKey(name.Name))
        .Concat(Records.Select(record => (record.Key, record.Value.ToArray())))
        .OrderBy(name => name.Item1, StringComparer.Ordinal);

    private IEnumerable<(string Name, string[] Addresses)> RoleNames() =>
        from role in ProductRoles.All
        let addresses = Nodes.Where(node => node.Roles.Contains(role.Role)).Select(node => node.Address).ToArray()
        where addresses.Length > 0
        from label in role.Aliases.Prepend(role.Dns)
        select ($"{label}.{Name}.{Domain}", addresses);
}

/// <summary>One machine of it.</summary>
internal sealed record PlannedNode
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Last part of its address.</summary>
    public required int Number { get; init; }

    public string Address => $"{Launcher.Clusters.BridgeNetwork.Prefix}{Number}";

    /// <summary>It is a whole cluster by itself, and needs no DNS.</summary>
    public bool IsSingle => Roles.SequenceEqual(NodeCounts.Single[0].Roles);

    /// <summary>Name of the seed's folder.</summary>
    public string Seed => string.Join('-', Roles);
}
