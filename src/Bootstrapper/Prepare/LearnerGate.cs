using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Refuses other machines' clients at the port of an etcd member that has no vote. Its address stands in DNS before it
/// has joined, and an API server that connects there is refused every request ("rpc not supported for learner") and
/// stays; a connection that is refused makes it take another member. Peers have a port of their own, and so has the
/// rendezvous.
/// </summary>
internal sealed class LearnerGate(NodeRoot root, PacketFilter filter, Narrator narrator)
{
    /// <summary>Stands while the gate may be closed, so that no other start of etcd runs a program for it.</summary>
    private const string Marker = NodePaths.RunFolder + "/etcd-clients-refused";

    private static readonly PacketFilterChain _closed = new(
        "filter", "INPUT", "IMAGES-LEARNER",
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"! -i lo -p tcp -m tcp --dport {EtcdPaths.ClientPort} -j REJECT --reject-with tcp-reset"),
        ]);

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        File.WriteAllBytes(root[Marker], []);
        Tell(await filter.ApplyAsync(_closed, cancellationToken), "are not kept from it meanwhile");
    }

    /// <summary>Does nothing where it was not closed.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(root[Marker]))
        {
            return;
        }

        string? fault = await filter.ApplyAsync(_closed with { Rules = [] }, cancellationToken);
        Tell(fault, "may still be refused");
        if (fault is null)
        {
            File.Delete(root[Marker]);
        }
    }

    private void Tell(string? fault, string what)
    {
        if (fault is not null)
        {
            narrator.Say($"{EtcdPaths.Unit}: clients of a member that has no vote yet {what}: {fault}");
        }
    }
}
