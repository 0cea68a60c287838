using System.Globalization;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Ssh;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Reads <c>node.lb</c>.</summary>
internal static class LbSettingsReader
{
    public const string Key = "lb";
    public const string Ports = "ports";
    public const string ProxyProtocol = "proxyProtocol";
    public const string Pool = "pool";

    private const string PoolForm =
        "Write an address, a network as 10.0.0.64/28 or a range as 10.0.0.64-10.0.0.79, of the network that the "
        + "machines are on.";

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
        [HostKeyWord.Port] = "the machine's word on its host keys",
    };

    public static LbSettings Read(MappingReader node)
    {
        if (node.OptionalMapping(Key)?.WithOnly(Ports, ProxyProtocol, Pool) is not { } lb)
        {
            return LbSettings.None;
        }

        List<LbPort> ports = [];
        foreach (YamlNode item in lb.Sequence(Ports))
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
            ? new LbSettings
            {
                Ports = ports,
                ProxyProtocol = lb.OptionalBoolean(ProxyProtocol) ?? false,
                Pool = ReadPool(lb),
            }
            : throw lb.Error(Ports, $"'ports' holds {ports.Count} ports.", $"Write at most {MostPorts}.");
    }

    private static LbPort ReadPort(YamlNode item)
    {
        string text = MappingReader.Text(item, Ports);
        return text.Split(':') switch
        {
            [string both] when Number(both) is int port => new LbPort(port, port),
            [string listen, string target] when Number(listen) is int first && Number(target) is int second =>
                new LbPort(first, second),
            _ => throw item.Error($"'ports' cannot hold {ShownText.Quote(text)}.", Form),
        };
    }

    private static AddressPool ReadPool(MappingReader lb)
    {
        List<AddressRange> ranges = [];
        foreach (YamlNode item in lb.Sequence(Pool))
        {
            string text = MappingReader.Text(item, Pool);
            AddressRange range = AddressRange.TryParse(text)
                ?? throw item.Error($"'{Pool}' cannot hold {ShownText.Quote(text)}.", PoolForm);
            if (range.First >> 24 is 0 or 127 or >= 224 || range.Last >> 24 != range.First >> 24)
            {
                throw item.Error($"'{Pool}' cannot hold '{text}': no machines have such addresses.", PoolForm);
            }

            ranges.Add(ranges.TrueForAll(other => !other.Overlaps(range))
                ? range
                : throw item.Error(
                    $"'{Pool}' holds addresses of '{text}' twice.", "Let each address stand in one range."));
        }

        return ranges.Sum(range => range.Count) <= AddressPool.MostAddresses
            ? new AddressPool { Ranges = ranges }
            : throw lb.Error(
                Pool,
                $"'{Pool}' holds {ranges.Sum(range => range.Count)} addresses.",
                $"Write at most {AddressPool.MostAddresses}.");
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? port
            : null;
}
