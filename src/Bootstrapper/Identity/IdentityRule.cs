using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Identity;

/// <summary>Role, cluster and domain are decided once. Only a reset or a new instance-id changes them.</summary>
internal static class IdentityRule
{
    public static IdentityDecision Decide(NodeIdentity? known, NodeSettings settings, string instanceId)
    {
        if (known is null)
        {
            return IdentityDecision.New;
        }

        if (Differences(known, settings).Count == 0)
        {
            return IdentityDecision.Kept;
        }

        return known.InstanceId == instanceId ? IdentityDecision.Refused : IdentityDecision.Replaced;
    }

    /// <summary>"role etcd, metadata says worker; …" for what cannot change; none if all is the same.</summary>
    public static IReadOnlyList<string> Differences(NodeIdentity known, NodeSettings settings)
    {
        List<string> differences = [];
        Compare("role", Sorted(known.Roles), Sorted(settings.Roles));
        Compare("cluster", known.Cluster, settings.Cluster);
        Compare("domain", known.Domain, settings.Domain);
        return differences;

        void Compare(string what, string old, string now)
        {
            if (old != now)
            {
                differences.Add($"{what} is {old}, metadata says {now}");
            }
        }
    }

    /// <summary>
    /// The machine's name: from user-data, else meta-data, else what it was, else role and machine-id.
    /// </summary>
    public static string Hostname(
        NodeMetadata metadata, InstanceMetadata instance, NodeIdentity? known, string machineId) =>
        FirstLabel(metadata.Hostname ?? metadata.Fqdn ?? instance.LocalHostname)
        ?? known?.Hostname
        ?? $"{metadata.Node.Roles[0]}-{machineId[..8]}";

    /// <summary>The order of roles means nothing for who the machine is.</summary>
    private static string Sorted(IReadOnlyList<string> roles) => string.Join("+", roles.Order(StringComparer.Ordinal));

    private static string? FirstLabel(string? name) => name?.Split('.', 2)[0];
}
