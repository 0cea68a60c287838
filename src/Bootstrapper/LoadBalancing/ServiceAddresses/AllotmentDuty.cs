using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// A master gives Services of type LoadBalancer their addresses, in their status. The one does it whose controller
/// manager leads, so that two that see different Services do not give one address twice; where they do all the same,
/// while the lead changes, the younger Service gets another.
/// </summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="pool">Whose addresses are given.</param>
/// <param name="hostname">Of this machine, by which the leader is called.</param>
/// <param name="machines">Addresses that machines have, as far as is known.</param>
/// <param name="narrator">Told what is given, and why somebody gets nothing.</param>
internal sealed class AllotmentDuty(
    Func<KubernetesClient> connect, AddressPool pool, string hostname,
    Func<CancellationToken, Task<IReadOnlySet<string>>> machines, Narrator narrator, TimeProvider time)
{
    private const string Matter = "addresses of Services";
    private const string Leader = "kube-controller-manager";

    /// <summary>A change of the lead tells nobody.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _whileOpen = TimeSpan.FromSeconds(3);

    private readonly string _lease = KubernetesResource.Leases.One(Leader, "kube-system");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch services = new(connect, KubernetesResource.Services, signal.Set, narrator, time);
        await await Task.WhenAny(
            services.RunAsync(cancellationToken), FollowAsync(services, signal, cancellationToken));
    }

    private async Task FollowAsync(ResourceWatch services, ChangeSignal signal, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isDone = services.Objects is not { } known || await LookAsync(known, cancellationToken);
            await signal.WaitAsync(isDone ? _again : _whileOpen, cancellationToken);
        }
    }

    /// <summary>False where something is left that this machine, or another, has to do.</summary>
    public async Task<bool> LookAsync(IReadOnlyList<KubernetesObject> services, CancellationToken cancellationToken)
    {
        AddressAllotment allotment = AddressAllotment.Of(
            BalancedService.ReadAll(services), pool, await machines(cancellationToken));
        try
        {
            if (allotment.Changes.Count == 0)
            {
                narrator.SayOnce(Matter, [.. allotment.Faults]);
                return true;
            }

            using KubernetesClient client = connect();
            if (!await LeadsAsync(client, cancellationToken))
            {
                return false;
            }

            narrator.SayOnce(Matter, [.. allotment.Faults]);
            foreach (AddressChange change in allotment.Changes)
            {
                await GiveAsync(client, change, cancellationToken);
            }

            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            narrator.SayOnce(
                Matter, $"Services of type LoadBalancer get no addresses, trying again: {FaultText.Of(e)}");
            return false;
        }
    }

    private async Task GiveAsync(KubernetesClient client, AddressChange change, CancellationToken cancellationToken)
    {
        KubernetesObject service = change.Service.Object;
        string path = $"{KubernetesResource.Services.One(service.Name, service.Namespace)}/status";
        try
        {
            await client.PatchAsync(path, change.Patch, cancellationToken);
            narrator.Say(change.ToString());
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // it has changed or is gone, of which the watch will tell
        }
    }

    /// <summary>Holders are called by the host's name, a low line and what is different each time.</summary>
    private async Task<bool> LeadsAsync(KubernetesClient client, CancellationToken cancellationToken) =>
        (await client.FindAsync(_lease, cancellationToken))?.Text("spec", "holderIdentity")
            .StartsWith($"{hostname}_", StringComparison.Ordinal) == true;
}
