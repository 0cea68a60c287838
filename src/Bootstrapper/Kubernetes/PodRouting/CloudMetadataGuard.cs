using System.Globalization;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Keeps everybody but root's services of this machine from the addresses at which clouds serve it its metadata, and
/// perhaps its credentials, for as long as the machine is up and whoever makes the pods' network. It needs neither the
/// API nor DNS, and begins when the machine has stored who it is.
/// </summary>
/// <param name="filter">Changes the kernel.</param>
/// <param name="addresses">What the machine's platform serves where.</param>
/// <param name="services">The control group below which root's services are.</param>
/// <param name="guarded">Told each time that the rule for pods stands: they may run.</param>
/// <param name="narrator">Told what cannot be done, once.</param>
internal sealed class CloudMetadataGuard(
    PacketFilter filter, IReadOnlyList<MetadataAddress> addresses, string services, Action guarded, Narrator narrator,
    TimeProvider time)
{
    /// <summary>Of systemd; control groups of pods are not below it, whatever their user.</summary>
    public const string Services = "system.slice";

    private const string Matter = "cloud metadata guard";
    private const string MatterOfLocal = "cloud metadata guard, local";

    /// <summary>Others may have changed the kernel; it tells nobody.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _againAfterFault = TimeSpan.FromSeconds(10);

    private readonly PacketFilterChain _forwarded = Forwarded(addresses);
    private readonly PacketFilterChain _local = Local(addresses, services);
    private readonly string _named = string.Join(", ", addresses.Select(address => address.Address));

    /// <summary>
    /// Whatever the machine forwards there is dropped: which addresses an add-on gives its pods is not known here, and
    /// what the machine sends itself is not forwarded. The chain stands in the mangle table behind the routing
    /// decision: it sees where a packet really goes, whatever kube-proxy made of its destination, and nobody's rules in
    /// the filter table can let it pass before. Names and time pass, for clouds serve them at the same address.
    /// </summary>
    public static PacketFilterChain Forwarded(IReadOnlyList<MetadataAddress> addresses) => new(
        "mangle", "FORWARD", "IMAGES-GUARD",
        [
            .. addresses.SelectMany(address => address.TcpPorts.Count > 0
                ? Closed(address)
                :
                [
                    $"-d {address.Address}/32 -p udp -m udp --dport 53 -j RETURN",
                    $"-d {address.Address}/32 -p udp -m udp --dport 123 -j RETURN",
                    $"-d {address.Address}/32 -p tcp -m tcp --dport 53 -j RETURN",
                    $"-d {address.Address}/32 -j DROP",
                ]),
        ]);

    /// <summary>
    /// Pods with the host's network and programs of users are told from root's services by control group and user.
    /// It stands behind the translation of addresses, which for what the machine sends itself comes after OUTPUT.
    /// TCP alone: leases of addresses come by UDP from the same address, asked for by a user that is not root.
    /// </summary>
    public static PacketFilterChain Local(IReadOnlyList<MetadataAddress> addresses, string services) => new(
        "mangle", "POSTROUTING", "IMAGES-GUARD-LOCAL",
        [
            .. addresses.SelectMany(address => (IEnumerable<string>)
            [
                $"-d {address.Address}/32 -m owner --uid-owner 0 -m cgroup --path \"{services}\" -j RETURN",
                .. address.TcpPorts.Count > 0
                    ? Closed(address)
                    : [$"-d {address.Address}/32 -p tcp -m tcp ! --dport 53 -j DROP"],
            ]),
        ]);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            string? fault = await filter.ApplyAsync(_forwarded, cancellationToken);
            if (fault is null)
            {
                guarded();
                narrator.Settle(Matter);
            }
            else
            {
                narrator.SayOnce(
                    Matter,
                    $"pods are not kept from {_named}, where clouds serve a machine its metadata, "
                        + $"and no kubelet starts before they are; trying again: {fault}");
            }

            string? localFault = await filter.ApplyAsync(_local, cancellationToken);
            if (localFault is null)
            {
                narrator.Settle(MatterOfLocal);
            }
            else
            {
                narrator.SayOnce(
                    MatterOfLocal,
                    $"pods with hostNetwork and users' programs are not kept from {_named}, for this kernel does not "
                        + $"tell them from services; other pods are looked after by a rule of their own: {localFault}");
            }

            await Task.Delay(fault is null ? _again : _againAfterFault, time, cancellationToken);
        }
    }

    private static IEnumerable<string> Closed(MetadataAddress address) => address.TcpPorts.Select(port =>
        string.Create(CultureInfo.InvariantCulture, $"-d {address.Address}/32 -p tcp -m tcp --dport {port} -j DROP"));
}
