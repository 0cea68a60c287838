using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Keeps pods from the address at which clouds serve a machine its metadata, and perhaps its credentials, for as long
/// as the machine is up and whoever makes the pods' network. Needs neither the API nor DNS.
/// </summary>
/// <param name="filter">Changes the kernel.</param>
/// <param name="guarded">Told each time that the rule stands: pods may run.</param>
/// <param name="narrator">Told what cannot be done, once.</param>
internal sealed class CloudMetadataGuard(PacketFilter filter, Action guarded, Narrator narrator, TimeProvider time)
{
    private const string Matter = "cloud metadata guard";
    public const string Address = "169.254.169.254";

    /// <summary>Others may have changed the kernel; it tells nobody.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _againAfterFault = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whatever the machine forwards there is dropped: which addresses an add-on gives its pods is not known here, and
    /// what the machine sends itself is not forwarded. The chain stands in the mangle table behind the routing
    /// decision: it sees where a packet really goes, whatever kube-proxy made of its destination, and nobody's rules in
    /// the filter table can let it pass before.
    /// </summary>
    public static PacketFilterChain Chain { get; } = new(
        "mangle", "FORWARD", "IMAGES-GUARD", [$"-d {Address}/32 -j DROP"]);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            string? fault = await filter.ApplyAsync(Chain, cancellationToken);
            if (fault is null)
            {
                guarded();
                narrator.Settle(Matter);
            }
            else
            {
                narrator.SayOnce(
                    Matter,
                    $"pods are not kept from {Address}, where clouds serve a machine its metadata, "
                        + $"and no kubelet starts before they are; trying again: {fault}");
            }

            await Task.Delay(fault is null ? _again : _againAfterFault, time, cancellationToken);
        }
    }
}
