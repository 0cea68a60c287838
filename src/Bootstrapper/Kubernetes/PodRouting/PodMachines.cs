using System.Net;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// The machines that take part in the pods' network, as Nodes and DNS say together. A Node counts only at an address
/// that is believed, which is one that DNS names: else whoever has a kubelet's certificate could have other machines
/// send packets wherever he likes.
/// </summary>
/// <param name="All">Each address once, in their order. One of DNS that is no Node yet, or never, has no pods.</param>
/// <param name="LeftOut">
/// Nodes that count nowhere, for none of their addresses is believed; in the order of their names.
/// </param>
internal sealed record PodMachines(IReadOnlyList<PodMachine> All, IReadOnlyList<PodNode> LeftOut)
{
    /// <summary>Before anything is known.</summary>
    public static PodMachines None { get; } = new([], []);

    /// <summary>What an agent that starts anew believes: packets go to these machines already.</summary>
    public static PodMachines Believed(IEnumerable<IPAddress> standing) =>
        new([.. standing.Select(address => new PodMachine(address))], []);

    /// <summary>
    /// What Nodes and DNS say now. An address of before is believed on for as long as a Node counts there: what stands
    /// is not taken away because an answer of DNS lacks it.
    /// </summary>
    /// <param name="nodes">All there are.</param>
    /// <param name="named">
    /// The addresses that DNS names (IPv4), and this machine's own, where nothing is sent to.
    /// </param>
    public PodMachines Next(IReadOnlyList<PodNode> nodes, IReadOnlyList<IPAddress> named)
    {
        HashSet<IPAddress> believed = [.. named, .. All.Select(machine => machine.Address)];
        (PodNode Node, IPAddress? Address)[] found =
            [.. nodes.Select(node => (node, node.Addresses.FirstOrDefault(believed.Contains)))];
        return new PodMachines(
            [
                .. found.Where(item => item.Address is not null)
                    // a machine that was made anew left its older Node behind, with the same address
                    .OrderByDescending(item => item.Node.Created, StringComparer.Ordinal)
                    .Select(item => new PodMachine(item.Address!, item.Node.PodNetwork))
                    .Concat(named.Select(address => new PodMachine(address)))
                    .GroupBy(machine => machine.Address)
                    .Select(group => group.FirstOrDefault(machine => machine.PodNetwork is not null) ?? group.First())
                    .OrderBy(machine => machine.Address.ToString(), StringComparer.Ordinal),
            ],
            [
                // without one, its kubelet has not written any yet
                .. found.Where(item => item.Address is null && item.Node.Addresses.Count > 0)
                    .Select(item => item.Node)
                    .OrderBy(node => node.Name, StringComparer.Ordinal),
            ]);
    }
}
