using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>What the metadata of a role holds of the cluster's authorities. A worker's or lb's holds no signing key.</summary>
internal sealed record SeedRole
{
    /// <summary>Every role that a seed can be made for.</summary>
    public static IReadOnlyList<SeedRole> All { get; } =
    [
        new() { Name = "etcd", Signs = [ClusterSecrets.EtcdPeer, ClusterSecrets.EtcdClient], Trusts = [] },
        new() { Name = "lb", Signs = [], Trusts = [ClusterSecrets.Kubernetes] },
        new() { Name = "master", Signs = [ClusterSecrets.Kubernetes, ClusterSecrets.FrontProxy, ClusterSecrets.EtcdClient], Trusts = [] },
        new() { Name = "worker", Signs = [], Trusts = [ClusterSecrets.Kubernetes] },
    ];

    public required string Name { get; init; }

    /// <summary>Authorities whose key it gets.</summary>
    public required IReadOnlyList<string> Signs { get; init; }

    /// <summary>Authorities of which it gets the certificate only.</summary>
    public required IReadOnlyList<string> Trusts { get; init; }

    public static SeedRole Find(string name) => All.FirstOrDefault(role => role.Name == name)
        ?? throw new BakeException("BAKE0801", "--role", $"there is no role '{name}'.", $"Choose one of: {string.Join(", ", All.Select(role => role.Name))}.");
}
