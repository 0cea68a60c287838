using System.Net;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Everything the kernel should hold for the pods' network on this machine; computed without looking at it.
/// </summary>
internal sealed record PodRoutingPlan
{
    public const string Device = "pods0";

    /// <summary>In the order of their destinations.</summary>
    public required IReadOnlyList<PodRoute> Routes { get; init; }

    /// <summary>This machine's address in the overlay; null when there is none.</summary>
    public string? OverlayAddress { get; init; }

    public string? OverlayEthernet { get; init; }

    public IReadOnlyList<OverlayPeer> Peers { get; init; } = [];

    /// <summary>
    /// What pods send out of the cluster leaves under the machine's address; nobody out there knows theirs.
    /// </summary>
    public required PacketFilterChain Masquerade { get; init; }

    /// <summary>What cannot be done as the cluster is, in words for the console.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public static PodRoutingPlan For(PodRoutingSettings settings, IReadOnlyList<PodMachine> machines)
    {
        PodMachine[] others = [.. machines.Where(machine => !machine.Address.Equals(settings.Address))
            .OrderBy(machine => machine.Address.ToString(), StringComparer.Ordinal)];
        IPNetwork? own = machines.FirstOrDefault(machine => machine.Address.Equals(settings.Address))?.PodNetwork;
        (PodMachine[] sound, List<string> faults) = Check(settings, own, others);
        bool isOverlay = settings.Mode == PodRoutingMode.Overlay;
        return new PodRoutingPlan
        {
            Routes =
            [
                .. sound.Where(machine => machine.PodNetwork is not null)
                    .Select(machine => new PodRoute(
                        machine.PodNetwork!.Value.ToString(),
                        (isOverlay ? PodRouting.OverlayAddress.Of(machine.Address) : machine.Address).ToString(),
                        isOverlay ? Device : null))
                    .OrderBy(route => route.Destination, StringComparer.Ordinal),
            ],
            OverlayAddress = isOverlay ? PodRouting.OverlayAddress.Of(settings.Address).ToString() : null,
            OverlayEthernet = isOverlay ? PodRouting.OverlayAddress.EthernetOf(settings.Address) : null,
            Peers = isOverlay
                ? [.. sound.Select(machine => new OverlayPeer(
                    PodRouting.OverlayAddress.Of(machine.Address).ToString(),
                    PodRouting.OverlayAddress.EthernetOf(machine.Address), machine.Address.ToString()))]
                : [],
            Masquerade = MasqueradeFor(settings),
            Faults = faults,
        };
    }

    /// <summary>
    /// Which addresses count was decided before, see <see cref="PodMachines"/>; here, whether these machines' shares
    /// can stand beside each other.
    /// </summary>
    private static (PodMachine[] Sound, List<string> Faults) Check(
        PodRoutingSettings settings, IPNetwork? own, PodMachine[] others)
    {
        List<string> faults = [];
        List<PodMachine> sound = [];
        HashSet<IPAddress> ends = settings.Mode == PodRoutingMode.Overlay
            ? [PodRouting.OverlayAddress.Of(settings.Address)]
            : [];
        HashSet<IPNetwork> shares = own is null ? [] : [own.Value];
        foreach (PodMachine machine in others)
        {
            if (settings.Mode == PodRoutingMode.Overlay && !ends.Add(PodRouting.OverlayAddress.Of(machine.Address)))
            {
                faults.Add(
                    $"the machine {machine.Address} has the same lower 17 bits in its address as another "
                        + "and cannot be in the overlay");
            }
            else if (machine.PodNetwork is IPNetwork share
                && (!settings.PodNetwork.Contains(share.BaseAddress)
                    || share.PrefixLength < settings.PodNetwork.PrefixLength))
            {
                faults.Add(
                    $"the pods of {machine.Address} have {share}, which lies outside "
                        + $"the pods' network {settings.PodNetwork}");
            }
            else if (machine.PodNetwork is IPNetwork same && !shares.Add(same))
            {
                faults.Add($"the pods of {machine.Address} have {same}, which another machine has too");
            }
            else
            {
                sound.Add(machine);
            }
        }

        return ([.. sound], faults);
    }

    private static PacketFilterChain MasqueradeFor(PodRoutingSettings settings) =>
        new("nat", "POSTROUTING", "IMAGES-PODS",
        [
            $"-s {settings.PodNetwork} -d {settings.PodNetwork} -j RETURN",
            $"-s {settings.PodNetwork} -d {KubernetesSettings.OverlayAddresses} -j RETURN",
            $"-s {settings.PodNetwork} -d 224.0.0.0/4 -j RETURN",
            $"-s {settings.PodNetwork} -j MASQUERADE --random-fully",
        ]);
}
