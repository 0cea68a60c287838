using System.Net;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Reads <c>node.hosts</c>: names, each with an address or a list of them.</summary>
internal static class HostsReader
{
    private const string Key = "hosts";

    public static IReadOnlyList<HostAddresses> Read(MappingReader node) => [.. Entries(node).Select(Read)];

    /// <summary>A machine that is its whole cluster answers the cluster's names with its own address.</summary>
    public static void RefuseNamesOfSingle(MappingReader node, NodeSettings settings)
    {
        string cluster = $".{settings.Cluster}.{settings.Domain}";
        YamlEntry? own = Entries(node)
            .FirstOrDefault(entry => entry.Key.Value.EndsWith(cluster, StringComparison.Ordinal));
        if (settings.IsSingle && own is not null)
        {
            throw own.Key.Error(
                $"With 'single' the names below {cluster[1..]} are this machine's own.",
                "Remove the name, or 'single'.");
        }
    }

    private static IReadOnlyList<YamlEntry> Entries(MappingReader node) =>
        node.OptionalMapping(Key)?.Mapping.Entries ?? [];

    private static HostAddresses Read(YamlEntry entry) => new(Name(entry.Key), Addresses(entry.Value, entry.Key.Value));

    private static string Name(YamlScalar key) => HostAddresses.IsName(key.Value)
        ? key.Value
        : throw key.Error(
            $"{ShownText.Quote(key.Value)} is no name that could be given an address.",
            "Write a lower-case name such as node1, or a full one such as masters.demo.k8s.");

    private static IReadOnlyList<IPAddress> Addresses(YamlNode value, string name)
    {
        IReadOnlyList<YamlNode> items = value is YamlSequence list ? list.Items : [value];
        if (items.Count == 0)
        {
            throw value.Error($"'{name}' has no address.", "List at least one, or remove the name.");
        }

        List<IPAddress> addresses = [];
        foreach (YamlNode item in items)
        {
            IPAddress address = MetadataForms.Address(item, name);
            if (IPAddress.IsLoopback(address))
            {
                throw item.Error(
                    $"'{name}' cannot be {address}: on each machine that is another one.",
                    "Write the address that the other machines reach it by.");
            }

            if (addresses.Contains(address))
            {
                throw item.Error($"The address {address} of '{name}' stands twice.", "Remove one.");
            }

            addresses.Add(address);
        }

        return addresses;
    }
}
