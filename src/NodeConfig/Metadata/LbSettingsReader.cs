using System.Globalization;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Reads <c>node.lb</c>.</summary>
internal static class LbSettingsReader
{
    public const string Key = "lb";

    private const string Form = "Write a port such as 443, or the lb's and the workers' as '443:30443'.";

    /// <summary>Each takes a slot for every worker there may be.</summary>
    private const int MostPorts = 32;

    /// <summary>What else a machine with the role lb listens on, or its kernel.</summary>
    private static readonly Dictionary<int, string> _taken = new()
    {
        [22] = "ssh",
        [KubernetesSettings.ApiPort] = "the masters' API",
        [LbPorts.Statistics] = "haproxy's statistics",
        [LbPorts.Holder] = "the machine's word whether it holds a virtual address",
        [LbPorts.Word] = "the machine's word for its certificate",
    };

    public static LbSettings Read(MappingReader node)
    {
        if (node.OptionalMapping(Key)?.WithOnly("ports", "proxyProtocol") is not { } lb)
        {
            return LbSettings.None;
        }

        List<LbPort> ports = [];
        foreach (YamlNode item in lb.Sequence("ports"))
        {
            LbPort port = ReadPort(item);
            if (_taken.TryGetValue(port.Listen, out string? whose))
            {
                throw item.Error(
                    $"An lb cannot forward port {port.Listen}: it is that of {whose}.", "Choose another port.");
            }

            ports.Add(ports.All(other => other.Listen != port.Listen)
                ? port
                : throw item.Error($"The port {port.Listen} stands twice.", "Remove one."));
        }

        return ports.Count <= MostPorts
            ? new LbSettings { Ports = ports, ProxyProtocol = lb.OptionalBoolean("proxyProtocol") ?? false }
            : throw lb.Error("ports", $"'ports' holds {ports.Count} ports.", $"Write at most {MostPorts}.");
    }

    private static LbPort ReadPort(YamlNode item)
    {
        string text = MappingReader.Text(item, "ports");
        return text.Split(':') switch
        {
            [string both] when Number(both) is int port => new LbPort(port, port),
            [string listen, string target] when Number(listen) is int first && Number(target) is int second =>
                new LbPort(first, second),
            _ => throw item.Error($"'ports' cannot hold {ShownText.Quote(text)}.", Form),
        };
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? port
            : null;
}
