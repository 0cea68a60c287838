using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Keeps the pods' network of this machine as the cluster's Nodes and DNS say, for as long as the machine is up.
/// </summary>
/// <param name="connect">The API as whoever may read Nodes.</param>
/// <param name="peers">
/// Names in DNS whose machines take part: that of workers first, then its other names and those of masters.
/// </param>
/// <param name="router">Changes the kernel.</param>
/// <param name="found">
/// Told this machine's share of the pods' network and the largest packet in it, once they are known and
/// when they change.
/// </param>
/// <param name="narrator">Told what changes and what cannot be done, once each.</param>
internal sealed class PodRoutingDuty(
    PodRoutingSettings settings,
    Func<KubernetesClient> connect,
    IReadOnlyList<PeerWatch> peers,
    PodRouter router,
    Action<string, int> found,
    Narrator narrator,
    TimeProvider time)
{
    /// <summary>DNS has no watch.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    /// <summary>Others may have changed the kernel; to look is half a dozen programs.</summary>
    private static readonly TimeSpan _lookAtKernel = TimeSpan.FromMinutes(2);

    /// <summary>
    /// So long a fault is not tried again because a Node has changed: each try is a program for each machine, and Nodes
    /// of a large cluster change all the time.
    /// </summary>
    private static readonly TimeSpan _afterFault = TimeSpan.FromSeconds(10);

    private PodMachines _machines = PodMachines.None;
    private IReadOnlyList<PodMachine> _applied = [];
    private long _appliedAt;
    private bool _isTold;
    private (string Share, int Mtu)? _found;
    private IReadOnlyList<string> _faults = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch nodes = new(connect, KubernetesResource.Nodes, signal.Set, narrator, time);
        await await Task.WhenAny(nodes.RunAsync(cancellationToken), FollowAsync(nodes, signal, cancellationToken));
    }

    private async Task FollowAsync(ResourceWatch nodes, ChangeSignal signal, CancellationToken cancellationToken)
    {
        _machines = PodMachines.Believed(await router.StandingMachinesAsync(cancellationToken));
        while (true)
        {
            // before that nothing is known, and nothing that stands is taken away
            if (nodes.Objects is IReadOnlyList<KubernetesObject> objects)
            {
                List<string> addresses = [];
                foreach (PeerWatch watch in peers)
                {
                    addresses.AddRange((await watch.AskAsync(cancellationToken)).Good.Addresses);
                }

                if (addresses.Count > 0) // masters are no Nodes: without DNS they would seem to be gone
                {
                    _machines = _machines.Next(
                        [.. objects.Select(PodNode.Read)], [.. Parse(addresses), settings.Address]);
                    SayLeftOut();
                    await ApplyAsync(_machines.All, cancellationToken);
                }
            }

            await signal.WaitAsync(_again, cancellationToken);
        }
    }

    private static IEnumerable<IPAddress> Parse(IEnumerable<string> addresses) =>
        addresses.Select(IPAddress.Parse).Where(address => address.AddressFamily == AddressFamily.InterNetwork);

    private void SayLeftOut()
    {
        string name = peers[0].View.Name.TrimEnd('.');
        narrator.SayOnce(
            "pods' network, left out",
            [.. _machines.LeftOut.Select(node =>
                $"pods' network: the Node {node.Name} says that it is at {node.Addresses[0]}, which DNS does not name: "
                    + "nothing is sent to its pods. "
                    + $"If it is a machine of this cluster, add the address to {name}")]);
    }

    private async Task ApplyAsync(IReadOnlyList<PodMachine> machines, CancellationToken cancellationToken)
    {
        TimeSpan holds = !_isTold ? TimeSpan.Zero : _faults.Count == 0 ? _lookAtKernel : _afterFault;
        if (machines.SequenceEqual(_applied) && time.GetElapsedTime(_appliedAt) < holds)
        {
            return;
        }

        (_applied, _appliedAt) = (machines, time.GetTimestamp());
        PodRoutingPlan plan = PodRoutingPlan.For(settings, machines);
        IReadOnlyList<string> faults = await router.ApplyAsync(plan, settings.Address, cancellationToken);
        narrator.SayOnce("pods' network, faults", [.. faults.Select(fault => $"pods' network: {fault}")]);
        _faults = faults;
        string routes = plan.Routes.Count == 0
            ? "no other machine has pods yet"
            : string.Join(", ", plan.Routes.Select(route => $"{route.Destination} via {route.Gateway}"));
        narrator.SayOnce("pods' network", $"pods' network: {routes}");
        await TellShareAsync(machines, cancellationToken);
    }

    private async Task TellShareAsync(IReadOnlyList<PodMachine> machines, CancellationToken cancellationToken)
    {
        IPNetwork? own = machines.FirstOrDefault(machine => machine.Address.Equals(settings.Address))?.PodNetwork;
        int? size = own is null ? null : await router.MtuAsync(settings.Address, cancellationToken);
        _isTold = own is null || size is not null;
        if (own is not { } share || size is not int mtu)
        {
            return;
        }

        (string, int) now = (share.ToString(), PodRouter.PodMtu(mtu, settings.Mode));
        if (_found != now)
        {
            _found = now;
            found(now.Item1, now.Item2);
        }
    }
}
