using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>A machine of the cluster.</summary>
/// <param name="Address">Its own (IPv4).</param>
/// <param name="PodNetwork">Its share of the pods' network; null for a master without pods, and as long as it has none.</param>
internal sealed record PodMachine(IPAddress Address, IPNetwork? PodNetwork = null)
{
    /// <summary>Null for a Node without an IPv4 address.</summary>
    public static PodMachine? Read(KubernetesObject node)
    {
        IPAddress? address = node.Items("status", "addresses")
            .Where(item => item.Text("type") == "InternalIP")
            .Select(item => IPAddress.TryParse(item.Text("address"), out IPAddress? parsed) && parsed.AddressFamily == AddressFamily.InterNetwork ? parsed : null)
            .FirstOrDefault(parsed => parsed is not null);
        return address is null ? null : new PodMachine(address, IPNetwork.TryParse(node.Text("spec", "podCIDR"), out IPNetwork network) ? network : null);
    }

    /// <summary>What Nodes and DNS know together: a machine of DNS that is no Node yet, or never, has no pods. Each address once, in their order.</summary>
    public static IReadOnlyList<PodMachine> Merge(IEnumerable<PodMachine> nodes, IEnumerable<string> dnsAddresses) =>
    [
        .. nodes.Concat(dnsAddresses.Select(IPAddress.Parse).Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => new PodMachine(address)))
            .GroupBy(machine => machine.Address)
            .Select(group => group.FirstOrDefault(machine => machine.PodNetwork is not null) ?? group.First())
            .OrderBy(machine => machine.Address.ToString(), StringComparer.Ordinal),
    ];
}
