using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// Makes an lb forward what Services of type LoadBalancer have at their addresses: keepalived holds the addresses with
/// the lbs' virtual one, haproxy forwards TCP, the kernel UDP. Every lb is ready for it; the one that holds the virtual
/// address does it, and needs no API for that.
/// </summary>
/// <param name="connect">The API as this lb.</param>
/// <param name="pool">Addresses of others count for nothing.</param>
/// <param name="machine">What is changed.</param>
/// <param name="workers">As DNS named them last.</param>
/// <param name="runtime">haproxy, which knows which of them are well.</param>
/// <param name="forwarded">Told the backends that haproxy has now.</param>
/// <param name="narrator">Told what is forwarded, and what cannot be.</param>
internal sealed class ServiceAddressesDuty(
    Func<KubernetesClient> connect, AddressPool pool, ServiceMachine machine,
    Func<CancellationToken, Task<PeerSet>> workers, HaproxyRuntime runtime,
    Action<IReadOnlyList<BackendPool>> forwarded, Narrator narrator, TimeProvider time)
{
    private const string Matter = "Services behind the lb";
    private const string State = "show servers state";

    /// <summary>Workers become ill without a word of the API.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);

    /// <summary>Each reload leaves a process for as long as its connections live.</summary>
    private static readonly TimeSpan _betweenReloads = TimeSpan.FromSeconds(10);

    private ServicePlan _shown = ServicePlan.Empty;
    private string? _frontends;
    private int _places;
    private long? _reloadedAt;

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
            // before they were listed nothing is known, and nothing that stands is taken away
            if (services.Objects is { } known)
            {
                await LookAsync(known, cancellationToken);
            }

            await signal.WaitAsync(_look, cancellationToken);
        }
    }

    public async Task LookAsync(IReadOnlyList<KubernetesObject> services, CancellationToken cancellationToken)
    {
        ServicePlan plan = ServicePlan.Of(services, pool);
        IReadOnlyList<string> named = (await workers(cancellationToken)).Addresses;
        List<string> faults = [.. plan.Faults];
        try
        {
            // who may come where is settled before there is an address
            AddIfAny(faults, await machine.TranslateAsync(
                plan, await WellAsync(plan, named, cancellationToken), cancellationToken));
            AddIfAny(faults, await ForwardAsync(plan, named, cancellationToken));
            AddIfAny(faults, await machine.HoldAsync(plan.Addresses, cancellationToken));
        }
        catch (IOException e)
        {
            faults.Add($"Services cannot be forwarded, trying again: {FaultText.Of(e)}");
        }

        narrator.SayOnce(Matter, faults);
    }

    private static void AddIfAny(List<string> faults, string? fault)
    {
        if (fault is not null)
        {
            faults.Add(fault);
        }
    }

    /// <summary>haproxy reads its file again where its frontends change; workers are told to it meanwhile.</summary>
    private async Task<string?> ForwardAsync(
        ServicePlan plan, IReadOnlyList<string> named, CancellationToken cancellationToken)
    {
        _places = Math.Max(_places, HaproxyServices.PlacesFor(named.Count)); // fewer would be a reload for nothing
        string frontends = HaproxyServices.Write(plan, _places, []);
        if (frontends == _frontends
            || (_reloadedAt is { } last && time.GetElapsedTime(last) < _betweenReloads))
        {
            return null;
        }

        string text = HaproxyServices.Write(plan, _places, named);
        if (!await RunsAsync(cancellationToken))
        {
            machine.Keep(text); // it reads it when it starts, and again once it runs, for it may have been too early
            return null;
        }

        _reloadedAt = time.GetTimestamp();
        if (await machine.ForwardAsync(text, cancellationToken) is { } fault)
        {
            return fault;
        }

        _frontends = frontends;
        forwarded(plan.Pools);
        Say(plan);
        return null;
    }

    private void Say(ServicePlan plan)
    {
        foreach (ServicePort gone in _shown.Ports.ExceptBy(plan.Ports.Select(WhatOf), WhatOf))
        {
            narrator.Say($"no longer forwards {gone} at {gone.Address}");
        }

        foreach (ServicePort added in plan.Ports.ExceptBy(_shown.Ports.Select(WhatOf), WhatOf))
        {
            narrator.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"forwards {added} at {added.Address} to workers' port {added.NodePort}"));
        }

        _shown = plan;
    }

    private static (string Id, string Address, int NodePort) WhatOf(ServicePort port) =>
        (port.Id, port.Address, port.NodePort);

    private async Task<bool> RunsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await runtime.AskAsync(State, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The workers that take packets of a port, as haproxy finds them.</summary>
    private async Task<Func<ServicePort, IReadOnlyList<string>>> WellAsync(
        ServicePlan plan, IReadOnlyList<string> named, CancellationToken cancellationToken)
    {
        if (!plan.Ports.Any(port => port.IsUdp))
        {
            return _ => [];
        }

        try
        {
            ILookup<string, BackendSlot> slots =
                BackendSlot.Read(await runtime.AskAsync(State, cancellationToken))
                    .ToLookup(slot => slot.Backend, StringComparer.Ordinal);
            return port => slots.Contains(port.Id)
                ?
                [
                    .. slots[port.Id].Where(slot => slot is { State: SlotState.On, IsUp: true })
                        .Select(slot => slot.Address).Order(StringComparer.Ordinal),
                ]
                : named; // of a Service that haproxy does not know yet
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return _ => named; // it starts anew: what the kernel forwards need not wait for it
        }
    }
}
