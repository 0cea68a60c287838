// A pure function and what it gives.
#pragma warning disable MA0048
using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>What an lb forwards for Services of type LoadBalancer: those that have an address of the pool.</summary>
internal sealed record ServicePlan
{
    /// <summary>
    /// Each of TCP is a frontend, and a place for every worker is asked for its health: more than that is another kind
    /// of machine.
    /// </summary>
    public const int MostPorts = 128;

    public static ServicePlan Empty { get; } = new() { Ports = [], Faults = [] };

    public required IReadOnlyList<ServicePort> Ports { get; init; }

    /// <summary>What is not forwarded, and why.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Those that an lb must hold, each once, sorted.</summary>
    public IReadOnlyList<string> Addresses =>
        [.. Ports.Select(port => port.Address).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The workers behind each port: haproxy asks them whether they are well, also those for which it does not forward.
    /// </summary>
    public IReadOnlyList<BackendPool> Pools => [.. Ports.Select(port => port.Pool)];

    /// <param name="services">All of the cluster.</param>
    /// <param name="pool">Addresses of others count for nothing, whatever a status says.</param>
    public static ServicePlan Of(IReadOnlyList<KubernetesObject> services, AddressPool pool)
    {
        IReadOnlyList<BalancedService> balanced = BalancedService.ReadAll(services);
        IReadOnlyDictionary<string, string> holders = BalancedService.Holders(balanced, pool);
        List<ServicePort> ports = [];
        List<string> faults = [];
        foreach (BalancedService service in balanced.Where(service => holders.ContainsKey(service.Key)))
        {
            foreach (ServicePort port in ServicePort.ReadAll(service, holders[service.Key], faults))
            {
                if (ports.Count < MostPorts)
                {
                    ports.Add(port);
                }
                else
                {
                    faults.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{port} is not forwarded: an lb forwards {MostPorts} ports of Services at most"));
                }
            }
        }

        return new ServicePlan { Ports = [.. ports.OrderBy(port => port.Id, StringComparer.Ordinal)], Faults = faults };
    }
}

/// <summary>A port of a Service, at an address of the pool.</summary>
internal sealed record ServicePort
{
    /// <summary>sshd listens there at every address of the machine.</summary>
    private const int Ssh = 22;

    /// <summary>The kubelet's, on every worker: who answers there is up.</summary>
    private const int Kubelet = 10250;

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    /// <summary>Else TCP.</summary>
    public required bool IsUdp { get; init; }

    public required int Port { get; init; }

    /// <summary>The workers'.</summary>
    public required int NodePort { get; init; }

    /// <summary>
    /// Where a worker says whether it has endpoints of its own (<c>externalTrafficPolicy: Local</c>); null where any
    /// worker does, which passes it on.
    /// </summary>
    public required int? HealthPort { get; init; }

    /// <summary>Whether a client stays with its worker.</summary>
    public required bool IsSticky { get; init; }

    /// <summary>Who may connect, as networks; null for everybody.</summary>
    public required IReadOnlyList<string>? Sources { get; init; }

    /// <summary>What haproxy calls it: none of its parts holds a colon.</summary>
    public string Id => string.Create(
        CultureInfo.InvariantCulture, $"{(IsUdp ? "udp" : "tcp")}:{Namespace}:{Name}:{Port}");

    /// <summary>For UDP haproxy looks after the workers' health alone.</summary>
    public BackendPool Pool => new(
        Id, RoleNames.Worker, IsUdp ? HealthPort ?? Kubelet : NodePort);

    /// <summary>Those that can be forwarded.</summary>
    public static IEnumerable<ServicePort> ReadAll(BalancedService service, string address, List<string> faults)
    {
        KubernetesObject json = service.Object;
        if (!ServiceText.IsLabel(json.Namespace) || !ServiceText.IsLabel(json.Name))
        {
            faults.Add($"{ServiceText.Quoted(service.ToString())} is not forwarded: its name is none");
            yield break;
        }

        if (!SourceNetworks.TryRead(json.Texts("spec", "loadBalancerSourceRanges"), out IReadOnlyList<string>? sources))
        {
            faults.Add(
                $"{service} is not forwarded: its loadBalancerSourceRanges hold what is no network. Correct them");
            yield break;
        }

        bool isLocal = json.Text("spec", "externalTrafficPolicy") == "Local";
        int? health = isLocal ? PortOf(json.Number("spec", "healthCheckNodePort")) : null;
        foreach (KubernetesObject item in json.Items("spec", "ports"))
        {
            string protocol = item.Text("protocol") is { Length: > 0 } named ? named : "TCP";
            int? port = PortOf(item.Number("port")), nodePort = PortOf(item.Number("nodePort"));
            string? reason = protocol is not ("TCP" or "UDP") ? "lbs forward TCP and UDP alone"
                : port is null || nodePort is null ? "it has no NodePort, by which lbs reach workers"
                : isLocal && health is null ? "it has externalTrafficPolicy Local and no healthCheckNodePort"
                : protocol == "TCP" && port == Ssh ? "that port of the lb is ssh's, at all of its addresses"
                : null;
            if (reason is not null)
            {
                faults.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"port {item.Number("port")}/{ServiceText.Quoted(protocol)} of {service} is not forwarded: "
                        + $"{reason}"));
                continue;
            }

            yield return new ServicePort
            {
                Namespace = json.Namespace,
                Name = json.Name,
                Address = address,
                IsUdp = protocol == "UDP",
                Port = port!.Value,
                NodePort = nodePort!.Value,
                HealthPort = health,
                IsSticky = json.Text("spec", "sessionAffinity") == "ClientIP",
                Sources = sources,
            };
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"port {Port}/{(IsUdp ? "UDP" : "TCP")} of the Service {Namespace}/{Name}");

    private static int? PortOf(long? number) => number is >= 1 and <= ushort.MaxValue ? (int)number : null;
}
