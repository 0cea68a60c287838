using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Makes the kernel hold what a plan says, by ip, bridge, nft and iptables: asks first, changes what differs, takes
/// away what was ours and is not planned. Routes of ours bear a protocol number of their own.
/// </summary>
/// <param name="run">Runs a program: its name, arguments, and what it reads.</param>
internal sealed class PodRouter(
    Func<string, IReadOnlyList<string>, string?, CancellationToken, Task<CommandResult>> run)
{
    /// <summary>Who set a route, see ip-route(8); none of /etc/iproute2/rt_protos.</summary>
    private const string Protocol = "158";

    /// <summary>VXLAN's header, UDP, IPv4 and the inner Ethernet header.</summary>
    private const int OverlayBytes = 50;

    private const int OverlayNetworkId = 158;
    private const int OverlayPort = 4789; // IANA's for VXLAN

    private readonly PacketFilter _filter = new(run);
    private readonly OverlayGate _gate = new(run, OverlayPort);

    /// <summary>Everything that could not be done, in words; empty when all stands.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(
        PodRoutingPlan plan, IPAddress address, CancellationToken cancellationToken)
    {
        List<string> faults = [.. plan.Faults];
        string[]? machines = plan.OverlayAddress is null ? null : [.. plan.Peers.Select(peer => peer.Machine)];
        if (await _gate.ApplyAsync(machines, cancellationToken) is string open)
        {
            faults.Add(open);
        }

        await ApplyOverlayAsync(plan, address, faults, cancellationToken);
        await ApplyRoutesAsync(plan.Routes, faults, cancellationToken);
        if (await _filter.ApplyAsync(plan.Masquerade, cancellationToken) is string fault)
        {
            faults.Add(fault);
        }

        return faults;
    }

    /// <summary>The machines (IPv4) to which what stands of ours leads, as an agent before may have left it.</summary>
    public async Task<IReadOnlyList<IPAddress>> StandingMachinesAsync(CancellationToken cancellationToken)
    {
        IEnumerable<string> routed = (await OurRoutesAsync(cancellationToken))
            .Where(route => route.Gateway.Length > 0 && route.Device != PodRoutingPlan.Device)
            .Select(route => route.Gateway);
        return [.. (await ForwardingAsync(cancellationToken)).Select(entry => entry.Machine)
            .Concat(routed)
            .Distinct(StringComparer.Ordinal)
            .Select(IPAddress.Parse)];
    }

    /// <summary>The largest packet of the interface that carries the address; null when none does.</summary>
    public async Task<int?> MtuAsync(IPAddress address, CancellationToken cancellationToken)
    {
        string? device = await DeviceOfAsync(address, cancellationToken);
        return device is null ? null
            : (await AskAsync(["-json", "link", "show", "dev", device], cancellationToken))
                .Select(link => (int?)link["mtu"])
                .FirstOrDefault();
    }

    /// <summary>What pods may send at once: room for the overlay's header is left.</summary>
    public static int PodMtu(int mtu, PodRoutingMode mode) => mode == PodRoutingMode.Overlay ? mtu - OverlayBytes : mtu;

    private async Task ApplyOverlayAsync(
        PodRoutingPlan plan, IPAddress address, List<string> faults, CancellationToken cancellationToken)
    {
        JsonNode? link = await AskAsync(
            ["-json", "-details", "link", "show", "dev", PodRoutingPlan.Device],
            cancellationToken) is [JsonNode only, ..]
            ? only
            : null;
        if (plan.OverlayAddress is null)
        {
            if (link is not null)
            {
                await ChangeAsync("ip", ["link", "delete", PodRoutingPlan.Device], faults, cancellationToken);
            }

            return;
        }

        if (await DeviceOfAsync(address, cancellationToken) is not string below
            || await MtuAsync(address, cancellationToken) is not int mtu)
        {
            faults.Add($"no interface carries {address}");
            return;
        }

        string mtuText = (mtu - OverlayBytes).ToString(CultureInfo.InvariantCulture);
        if (link is not null && !IsAsPlanned(link, plan, address, below))
        {
            await ChangeAsync("ip", ["link", "delete", PodRoutingPlan.Device], faults, cancellationToken);
            link = null;
        }

        if (link is null)
        {
            await ChangeAsync(
                "ip",
                [
                    "link", "add", PodRoutingPlan.Device, "address", plan.OverlayEthernet!, "mtu", mtuText,
                    "type", "vxlan", "id", Text(OverlayNetworkId),
                    "local", address.ToString(), "dev", below, "dstport", Text(OverlayPort), "nolearning",
                ],
                faults, cancellationToken);
            await ChangeAsync(
                "ip", ["address", "replace", $"{plan.OverlayAddress}/32", "dev", PodRoutingPlan.Device],
                faults, cancellationToken);
            await ChangeAsync("ip", ["link", "set", PodRoutingPlan.Device, "up"], faults, cancellationToken);
        }
        else if ((int?)link["mtu"] != mtu - OverlayBytes)
        {
            await ChangeAsync("ip", ["link", "set", PodRoutingPlan.Device, "mtu", mtuText], faults, cancellationToken);
        }

        await ApplyPeersAsync(plan.Peers, faults, cancellationToken);
    }

    private static bool IsAsPlanned(JsonNode link, PodRoutingPlan plan, IPAddress address, string below) =>
        (string?)link["address"] == plan.OverlayEthernet
        && link["linkinfo"]?["info_data"] is JsonNode vxlan
        && (string?)vxlan["link"] == below
        && (int?)vxlan["id"] == OverlayNetworkId
        && (string?)vxlan["local"] == address.ToString()
        && (int?)vxlan["port"] == OverlayPort;

    private async Task ApplyPeersAsync(
        IReadOnlyList<OverlayPeer> peers, List<string> faults, CancellationToken cancellationToken)
    {
        string device = PodRoutingPlan.Device;
        (string Ethernet, string Machine)[] forwarding = await ForwardingAsync(cancellationToken);
        (string Address, string Ethernet)[] neighbours =
        [
            .. (await AskAsync(["-json", "neigh", "show", "dev", device, "nud", "permanent"], cancellationToken))
                .Where(entry => entry["lladdr"] is not null)
                .Select(entry => ((string)entry["dst"]!, (string)entry["lladdr"]!)),
        ];
        foreach ((string ethernet, string machine) in forwarding.Where(
            entry => !peers.Any(peer => peer.Ethernet == entry.Ethernet && peer.Machine == entry.Machine)))
        {
            await ChangeAsync(
                "bridge", ["fdb", "delete", ethernet, "dev", device, "dst", machine], faults, cancellationToken);
        }

        foreach ((string address, string _) in neighbours.Where(
            entry => !peers.Any(peer => peer.Address == entry.Address && peer.Ethernet == entry.Ethernet)))
        {
            await ChangeAsync("ip", ["neigh", "delete", address, "dev", device], faults, cancellationToken);
        }

        foreach (OverlayPeer peer in peers)
        {
            if (!forwarding.Contains((peer.Ethernet, peer.Machine)))
            {
                await ChangeAsync(
                    "bridge", ["fdb", "replace", peer.Ethernet, "dev", device, "dst", peer.Machine],
                    faults, cancellationToken);
            }

            if (!neighbours.Contains((peer.Address, peer.Ethernet)))
            {
                await ChangeAsync(
                    "ip",
                    ["neigh", "replace", peer.Address, "lladdr", peer.Ethernet, "dev", device, "nud", "permanent"],
                    faults, cancellationToken);
            }
        }

        await ApplyRoutesToPeersAsync(peers, faults, cancellationToken);
    }

    private async Task<(string Ethernet, string Machine)[]> ForwardingAsync(CancellationToken cancellationToken) =>
    [
        .. Array((await run(
            "bridge", ["-json", "fdb", "show", "dev", PodRoutingPlan.Device], null, cancellationToken)).Output)
            .Where(entry => entry["dst"] is not null)
            .Select(entry => ((string)entry["mac"]!, (string)entry["dst"]!)),
    ];

    /// <summary>A route to each other end, for a master has nothing else there that pods could answer to.</summary>
    private async Task ApplyRoutesToPeersAsync(
        IReadOnlyList<OverlayPeer> peers, List<string> faults, CancellationToken cancellationToken)
    {
        HashSet<string> standing = [.. (await OurRoutesAsync(cancellationToken))
            .Where(route => route.Gateway.Length == 0)
            .Select(route => route.Destination)];
        foreach (string gone in standing.Except(peers.Select(peer => peer.Address), StringComparer.Ordinal))
        {
            await ChangeAsync("ip", ["route", "delete", gone, "proto", Protocol], faults, cancellationToken);
        }

        foreach (OverlayPeer peer in peers.Where(peer => !standing.Contains(peer.Address)))
        {
            await ChangeAsync(
                "ip", ["route", "replace", peer.Address, "dev", PodRoutingPlan.Device, "proto", Protocol],
                faults, cancellationToken);
        }
    }

    private async Task ApplyRoutesAsync(
        IReadOnlyList<PodRoute> wanted, List<string> faults, CancellationToken cancellationToken)
    {
        PodRoute[] standing = [.. (await OurRoutesAsync(cancellationToken)).Where(route => route.Gateway.Length > 0)];
        foreach (PodRoute gone in standing.Where(route => wanted.All(other => other.Destination != route.Destination)))
        {
            await ChangeAsync(
                "ip", ["route", "delete", gone.Destination, "proto", Protocol], faults, cancellationToken);
        }

        foreach (PodRoute route in wanted)
        {
            if (!standing.Any(other => other.Destination == route.Destination
                && other.Gateway == route.Gateway
                && (route.Device is null || route.Device == other.Device)))
            {
                string[] device = route.Device is null ? [] : ["dev", route.Device, "onlink"];
                await ChangeAsync(
                    "ip", ["route", "replace", route.Destination, "via", route.Gateway, .. device, "proto", Protocol],
                    faults, cancellationToken);
            }
        }
    }

    /// <summary>A route without a gateway leads to an end of the overlay.</summary>
    private async Task<IReadOnlyList<PodRoute>> OurRoutesAsync(CancellationToken cancellationToken) =>
    [
        .. (await AskAsync(["-json", "route", "show", "proto", Protocol], cancellationToken))
            .Select(
                route => new PodRoute((string)route["dst"]!, (string?)route["gateway"] ?? "", (string?)route["dev"])),
    ];

    private async Task<string?> DeviceOfAsync(IPAddress address, CancellationToken cancellationToken) =>
        (await AskAsync(["-json", "address", "show", "to", $"{address}/32"], cancellationToken))
            .Select(link => (string?)link["ifname"]).FirstOrDefault(name => name is not null);

    private async Task<IReadOnlyList<JsonNode>> AskAsync(string[] arguments, CancellationToken cancellationToken) =>
        Array((await run("ip", arguments, null, cancellationToken)).Output);

    /// <summary>ip prints nothing, or an empty object, where there is nothing.</summary>
    private static IReadOnlyList<JsonNode> Array(string output) =>
        output.Length == 0
            ? []
            : [.. (JsonNode.Parse(output) as JsonArray ?? []).OfType<JsonObject>().Where(item => item.Count > 0)];

    private async Task ChangeAsync(
        string program, string[] arguments, List<string> faults, CancellationToken cancellationToken)
    {
        CommandResult result = await run(program, arguments, null, cancellationToken);
        if (!result.Succeeded)
        {
            faults.Add($"{program} {string.Join(' ', arguments)}: {result.Reason}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
