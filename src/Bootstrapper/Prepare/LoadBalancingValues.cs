using System.Globalization;
using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// The part of <see cref="NodeValues"/> that haproxy's and keepalived's files use. haproxy's have places for more
/// machines than there are: those that come later are told to it while it runs.
/// </summary>
internal static class LoadBalancingValues
{
    public const int MasterPlaces = 8;

    /// <summary>As many as an etcd cluster may have.</summary>
    public const int EtcdPlaces = 9;

    /// <summary>An address of nobody, for keepalived takes no empty list of peers for "nobody yet".</summary>
    private const string Filler = "127.0.0.1";

    private const int HighestPriority = 200;
    private const int PriorityStep = 20;

    /// <summary>A value that a role asks for; null for one that is none of these.</summary>
    public static string? Asked(string name, NodeState state, IReadOnlyDictionary<string, PeerSet> peers)
    {
        if (!ServiceValues.OfVip.Contains(name, StringComparer.Ordinal))
        {
            return null;
        }

        (IPAddress address, string role, string label) = VipHolders.MayHold(state) ?? throw new BootFailure(
            "NODE0202", name, "no virtual address of the metadata is for this machine",
            "give the service 'when: masters-vip' or 'when: lb-vip'");
        return name switch
        {
            ServiceValues.VipName => label,
            ServiceValues.VipAddress => address.ToString(),
            ServiceValues.VipRouterId => Text(VirtualAddresses.RouterIdOf(address)),
            ServiceValues.VipInterval =>
                state.Metadata.Node.Kubernetes.Vip.Interval.ToString("0.##", CultureInfo.InvariantCulture),
            _ => Text(PriorityOf(state.Identity.Address, Of(peers, role).Addresses)),
        };
    }

    /// <summary>A list that a role asks for; null for one that is none of these.</summary>
    /// <param name="service">
    /// Whose it is: where a virtual address stands before the masters, they are for when that fails.
    /// </param>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>>? AskedList(
        string name, RoleService service, NodeState state, IReadOnlyDictionary<string, PeerSet> peers)
    {
        NodeSettings node = state.Metadata.Node;
        return name switch
        {
            ServiceValues.ApiVip => ApiVip(node),
            ServiceValues.MasterSlots => Slots(
                Of(peers, RoleNames.Master).Addresses, MasterPlaces, KubernetesSettings.ApiPort,
                service.Values.Contains(ServiceValues.ApiVip, StringComparer.Ordinal)
                    && node.Kubernetes.Endpoint != ApiEndpoint.Dns ? " backup" : ""),
            ServiceValues.EtcdSlots => Slots(
                Of(peers, RoleNames.Etcd).Addresses, EtcdPlaces, EtcdPaths.ClientPort, ""),
            ServiceValues.LbPorts => Ports(node.Lb),
            ServiceValues.LbPool =>
                [.. node.Lb.Pool.Addresses.Select(address => Entry((TemplateNames.PeerAddress, address)))],
            ServiceValues.VipPeers => Others(
                state, VipHolders.MayHold(state) is { } vip ? Of(peers, vip.Role) : PeerSet.Empty),
            ServiceValues.VipFiles => Has(state, RoleNames.Lb) && !node.Lb.Pool.IsEmpty
                ? [Entry((ServiceValues.VipFile, ServiceMachine.Held))]
                : [],
            _ => null,
        };
    }

    /// <summary>
    /// Different for each machine, so that two that wait for an address do not both take it: the lowest address has
    /// the highest.
    /// </summary>
    public static int PriorityOf(string own, IEnumerable<string> peers)
    {
        int rank = peers.Append(own)
            .Distinct(StringComparer.Ordinal)
            .OrderBy(address => address, Comparer<string>.Create(CompareAddresses))
            .TakeWhile(address => address != own)
            .Count();
        return Math.Max(HighestPriority - (PriorityStep * rank), 1);
    }

    private static int CompareAddresses(string one, string other) =>
        IPAddress.Parse(one).GetAddressBytes().AsSpan().SequenceCompareTo(IPAddress.Parse(other).GetAddressBytes());

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> ApiVip(NodeSettings node)
    {
        IPAddress? address = node.Kubernetes.Endpoint switch
        {
            ApiEndpoint.Vip => node.Kubernetes.Vip.Masters,
            ApiEndpoint.Lb => node.Kubernetes.Vip.Lb,
            _ => null,
        };
        return address is null ? [] : [Entry((TemplateNames.PeerAddress, address.ToString()))];
    }

    /// <summary>One that is free is switched off, and its address is nobody's.</summary>
    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Slots(
        IReadOnlyList<string> addresses, int count, int port, string options) =>
    [
        .. Enumerable.Range(0, count).Select(index => Entry(
            (ServiceValues.SlotName, $"s{index}"),
            (ServiceValues.SlotEndpoint, index < addresses.Count ? $"{addresses[index]}:{port}" : "127.0.0.1:1"),
            (ServiceValues.SlotOptions, index < addresses.Count ? options : options + " disabled"))),
    ];

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Ports(LbSettings lb) =>
    [
        .. lb.Ports.Select(port => Entry(
            (ServiceValues.PortListen, Text(port.Listen)),
            (ServiceValues.PortTarget, Text(port.Target)),
            (ServiceValues.SlotOptions, lb.ProxyProtocol ? " send-proxy-v2 check-send-proxy" : ""))),
    ];

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Others(NodeState state, PeerSet peers)
    {
        string[] others = [.. peers.Addresses.Where(address => address != state.Identity.Address)];
        return
        [
            .. (others.Length == 0 ? [Filler] : others).Select(address => Entry((TemplateNames.PeerAddress, address))),
        ];
    }

    private static Dictionary<string, string> Entry(params (string Key, string Value)[] values) =>
        values.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private static PeerSet Of(IReadOnlyDictionary<string, PeerSet> peers, string role) =>
        peers.GetValueOrDefault(role, PeerSet.Empty);

    private static bool Has(NodeState state, string role) =>
        state.Identity.Roles.Contains(role, StringComparer.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
