using System.Globalization;
using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
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

    private static readonly IReadOnlyDictionary<string, string> _none = new Dictionary<string, string>();

    /// <summary>The virtual address that this machine may hold, and the role of those who may; null for none.</summary>
    public static (IPAddress Address, string Role, string Name)? VipOf(NodeState state)
    {
        VirtualAddresses addresses = state.Metadata.Node.Kubernetes.Vip;
        return addresses.Masters is { } masters && Has(state, RoleSecrets.MasterRole)
                ? (masters, RoleSecrets.MasterRole, "masters")
            : addresses.Lb is { } lb && Has(state, RoleSecrets.LbRole) ? (lb, RoleSecrets.LbRole, "lb")
            : null;
    }

    /// <summary>Whose addresses a unit's files hold though the unit does not wait for them.</summary>
    public static IEnumerable<string> RolesAskedFor(NodeState state, string unit) => unit switch
    {
        TemplateNames.ApiForwarderUnit => [RoleSecrets.MasterRole],
        TemplateNames.EtcdForwarderUnit => [RoleSecrets.EtcdRole],
        TemplateNames.VipUnit when VipOf(state) is { } vip => [vip.Role],
        _ => [],
    };

    public static IReadOnlyDictionary<string, string> Values(
        NodeState state, string unit, IReadOnlyDictionary<string, PeerSet> peers) =>
        unit == TemplateNames.VipUnit && VipOf(state) is { } vip
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [TemplateNames.VipName] = vip.Name,
                [TemplateNames.VipAddress] = vip.Address.ToString(),
                [TemplateNames.VipRouterId] = Text(VirtualAddresses.RouterIdOf(vip.Address)),
                [TemplateNames.VipPriority] =
                    Text(PriorityOf(state.Identity.Address, Of(peers, vip.Role).Addresses)),
            }
            : _none;

    public static IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Lists(
        NodeState state, string unit, IReadOnlyDictionary<string, PeerSet> peers)
    {
        NodeSettings node = state.Metadata.Node;
        return unit switch
        {
            TemplateNames.ApiForwarderUnit => Named(
                (TemplateNames.ApiVip, ApiVip(node)),
                (TemplateNames.MasterSlots, Masters(
                    peers, node.Kubernetes.Endpoint == ApiEndpoint.Dns ? "" : " backup"))),
            TemplateNames.EtcdForwarderUnit => Named(
                (TemplateNames.EtcdSlots, Slots(
                    Of(peers, RoleSecrets.EtcdRole).Addresses, EtcdPlaces, EtcdPaths.ClientPort, ""))),
            TemplateNames.LbUnit => Named(
                (TemplateNames.MasterSlots, Masters(peers, "")), (TemplateNames.LbPorts, Ports(node.Lb))),
            TemplateNames.VipUnit => Named(
                (TemplateNames.VipPeers, Others(state, VipOf(state) is { } vip ? Of(peers, vip.Role) : PeerSet.Empty))),
            _ => Named(),
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

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Masters(
        IReadOnlyDictionary<string, PeerSet> peers, string options) =>
        Slots(Of(peers, RoleSecrets.MasterRole).Addresses, MasterPlaces, KubernetesSettings.ApiPort, options);

    /// <summary>One that is free is switched off, and its address is nobody's.</summary>
    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Slots(
        IReadOnlyList<string> addresses, int count, int port, string options) =>
    [
        .. Enumerable.Range(0, count).Select(index => Entry(
            (TemplateNames.SlotName, $"s{index}"),
            (TemplateNames.SlotEndpoint, index < addresses.Count ? $"{addresses[index]}:{port}" : "127.0.0.1:1"),
            (TemplateNames.SlotOptions, index < addresses.Count ? options : options + " disabled"))),
    ];

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Ports(LbSettings lb) =>
    [
        .. lb.Ports.Select(port => Entry(
            (TemplateNames.PortListen, Text(port.Listen)),
            (TemplateNames.PortTarget, Text(port.Target)),
            (TemplateNames.SlotOptions, lb.ProxyProtocol ? " send-proxy-v2 check-send-proxy" : ""))),
    ];

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Others(NodeState state, PeerSet peers)
    {
        string[] others = [.. peers.Addresses.Where(address => address != state.Identity.Address)];
        return
        [
            .. (others.Length == 0 ? [Filler] : others).Select(address => Entry((TemplateNames.PeerAddress, address))),
        ];
    }

    private static Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Named(
        params ReadOnlySpan<(string Name, IReadOnlyList<IReadOnlyDictionary<string, string>> Entries)> lists)
    {
        Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> named = new(StringComparer.Ordinal);
        foreach ((string name, IReadOnlyList<IReadOnlyDictionary<string, string>> entries) in lists)
        {
            named[name] = entries;
        }

        return named;
    }

    private static Dictionary<string, string> Entry(params (string Key, string Value)[] values) =>
        values.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private static PeerSet Of(IReadOnlyDictionary<string, PeerSet> peers, string role) =>
        peers.GetValueOrDefault(role, PeerSet.Empty);

    private static bool Has(NodeState state, string role) =>
        state.Identity.Roles.Contains(role, StringComparer.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
