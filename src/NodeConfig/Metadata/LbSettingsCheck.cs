using System.Net;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Whether <c>node.lb</c> goes with the rest of the metadata.</summary>
internal static class LbSettingsCheck
{
    private const string Lb = "lb";
    private const string Master = "master";

    /// <exception cref="ConfigurationException">It does not.</exception>
    public static void Run(MappingReader node, NodeSettings settings)
    {
        RefuseOfOthers(node, settings);
        RefusePool(node, settings);
    }

    /// <summary>Masters know the pool, for they give its addresses; the rest is the lbs'.</summary>
    private static void RefuseOfOthers(MappingReader node, NodeSettings settings)
    {
        if (node.OptionalMapping(LbSettingsReader.Key) is not { } lb || Has(settings, Lb))
        {
            return;
        }

        if (!Has(settings, Master))
        {
            throw node.RequiredNode(LbSettingsReader.Key).Error(
                "'lb' is for machines with the role lb, and its 'pool' for masters too.",
                "Remove it, or add the role.");
        }

        foreach (string key in new[] { LbSettingsReader.Ports, LbSettingsReader.ProxyProtocol })
        {
            if (lb.OptionalNode(key) is { } superfluous)
            {
                throw superfluous.Error(
                    $"'{key}' is for machines with the role lb; masters know of the 'pool' only.",
                    "Remove it, or add the role.");
            }
        }
    }

    /// <summary>Its addresses move with the lbs' virtual address, and are nobody else's.</summary>
    private static void RefusePool(MappingReader node, NodeSettings settings)
    {
        AddressPool pool = settings.Lb.Pool;
        if (pool.IsEmpty)
        {
            return;
        }

        YamlNode place = node.RequiredMapping(LbSettingsReader.Key).RequiredNode(LbSettingsReader.Pool);
        if (settings.Kubernetes.Vip.Lb is null)
        {
            throw place.Error(
                "'pool' needs the lbs' virtual address: the lb that holds it holds the pool's addresses too.",
                "Add 'vip: { lb: … }' to 'kubernetes', with a free address of the network that the machines are on.");
        }

        if (settings.Kubernetes.Vip.All.Append(settings.Address).OfType<IPAddress>().FirstOrDefault(pool.Contains)
            is { } taken)
        {
            string whose = taken.Equals(settings.Address) ? "this machine's own" : "a virtual address of the cluster";
            throw place.Error(
                $"'pool' holds {taken}, which is {whose}.", "Leave it out: Services get addresses that nobody has.");
        }

        string? network = pool.Addresses
            .Select(address => settings.Kubernetes.NetworkThatHolds(IPAddress.Parse(address)))
            .FirstOrDefault(holder => holder is not null);
        if (network is not null)
        {
            throw place.Error(
                $"'pool' holds addresses of {network}.",
                "Write free addresses of the network that the machines are on.");
        }
    }

    private static bool Has(NodeSettings settings, string role) =>
        settings.Roles.Contains(role, StringComparer.Ordinal);
}
