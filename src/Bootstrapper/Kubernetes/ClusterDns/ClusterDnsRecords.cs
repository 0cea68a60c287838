using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>
/// What the cluster's DNS says of Services (https://github.com/kubernetes/dns/blob/master/docs/specification.md),
/// as lines of a hosts(5) file: addresses of names, IPv4 only. The first line of an address is its answer to
/// reverse questions.
/// </summary>
internal sealed record ClusterDnsRecords
{
    /// <summary>
    /// First Services' own addresses, then named endpoints, then the endpoints of a Service together; each part sorted.
    /// </summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>Objects that are left out, and why.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public int Names => Lines.Select(line => line.Split(' ')[1]).Distinct(StringComparer.Ordinal).Count();

    /// <param name="services">All Services of the cluster.</param>
    /// <param name="endpointSlices">All EndpointSlices.</param>
    /// <param name="domain">The cluster's domain.</param>
    public static ClusterDnsRecords Of(
        IReadOnlyList<KubernetesObject> services, IReadOnlyList<KubernetesObject> endpointSlices, string domain)
    {
        List<string> faults = [];
        SortedSet<string> own = new(StringComparer.Ordinal),
            named = new(StringComparer.Ordinal),
            together = new(StringComparer.Ordinal);
        ILookup<string, KubernetesObject> slices = ClusterDnsRules.ByService(endpointSlices);
        foreach (KubernetesObject service in services.Where(service => service.Text("spec", "type") != "ExternalName"))
        {
            string name = $"{service.Name}.{service.Namespace}.svc.{domain}";
            string address = service.Text("spec", "clusterIP");
            if (!ClusterDnsRules.HasName(service, name))
            {
                faults.Add(ClusterDnsRules.NoName(service));
            }
            else if (address == "None")
            {
                AddEndpoints(service, slices[ClusterDnsRules.KeyOf(service)], name, named, together, faults);
            }
            else if (ClusterDnsRules.IsAddress(address))
            {
                own.Add($"{address} {name}");
            }
        }

        return new ClusterDnsRecords { Lines = [.. own, .. named, .. together], Faults = faults };
    }

    /// <summary>The whole file.</summary>
    public string ToText() =>
        string.Concat(Lines.Select(line => line + "\n").Prepend("# Services of the cluster, written by the agent\n"));

    private static void AddEndpoints(
        KubernetesObject service, IEnumerable<KubernetesObject> slices, string name, SortedSet<string> named,
        SortedSet<string> together, List<string> faults)
    {
        foreach (KubernetesObject endpoint in slices.SelectMany(slice => ClusterDnsRules.Endpoints(service, slice)))
        {
            string host = endpoint.Text("hostname");
            string ownName = $"{host}.{name}";
            bool isNamed = ClusterDnsRules.IsHost(host, ownName);
            if (host.Length > 0 && !isNamed)
            {
                faults.Add(
                    $"an endpoint of the Service {service.Namespace}/{service.Name} cannot have "
                        + $"the name {ClusterDnsRules.Quoted(host)} in DNS");
            }

            foreach (string address in endpoint.Texts("addresses").Where(ClusterDnsRules.IsAddress))
            {
                together.Add($"{address} {name}");
                if (isNamed)
                {
                    named.Add($"{address} {ownName}");
                }
            }
        }
    }
}
