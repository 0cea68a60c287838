using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>
/// What the cluster's DNS says of Services (https://github.com/kubernetes/dns/blob/master/docs/specification.md),
/// as lines of a hosts(5) file: addresses of names, IPv4 only. The first line of an address is its answer to
/// reverse questions.
/// </summary>
internal sealed partial record ClusterDnsRecords
{
    private const string OfService = "kubernetes.io/service-name";
    private const int LongestName = 253;

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
        ILookup<string, KubernetesObject> slices = endpointSlices.Where(slice => slice.Text("addressType") == "IPv4")
            .ToLookup(
                slice => $"{slice.Namespace}/{slice.Text("metadata", "labels", OfService)}", StringComparer.Ordinal);
        foreach (KubernetesObject service in services.Where(service => service.Text("spec", "type") != "ExternalName"))
        {
            string name = $"{service.Name}.{service.Namespace}.svc.{domain}";
            string address = service.Text("spec", "clusterIP");
            if (!IsLabel(service.Name) || !IsLabel(service.Namespace) || name.Length > LongestName)
            {
                faults.Add($"the Service {Quoted(service.Namespace)}/{Quoted(service.Name)} cannot have a name in DNS");
            }
            else if (address == "None")
            {
                AddEndpoints(service, slices[$"{service.Namespace}/{service.Name}"], name, named, together, faults);
            }
            else if (IsAddress(address))
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
        bool takesAll = service.Flag("spec", "publishNotReadyAddresses");
        foreach (KubernetesObject endpoint
            in slices.SelectMany(slice => slice.Items("endpoints")).Where(endpoint => takesAll || IsReady(endpoint)))
        {
            string host = endpoint.Text("hostname");
            string ownName = $"{host}.{name}";
            bool isNamed = host.Length > 0 && IsLabel(host) && ownName.Length <= LongestName;
            if (host.Length > 0 && !isNamed)
            {
                faults.Add(
                    $"an endpoint of the Service {service.Namespace}/{service.Name} cannot have "
                        + $"the name {Quoted(host)} in DNS");
            }

            foreach (string address in endpoint.Texts("addresses").Where(IsAddress))
            {
                together.Add($"{address} {name}");
                if (isNamed)
                {
                    named.Add($"{address} {ownName}");
                }
            }
        }
    }

    /// <summary>Unknown counts as ready, as the API says.</summary>
    private static bool IsReady(KubernetesObject endpoint) =>
        endpoint.Json["conditions"] is not JsonObject conditions
            || conditions["ready"] is null
            || endpoint.Flag("conditions", "ready");

    /// <summary>In the one form that it is printed in: nothing else reaches the file.</summary>
    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && address.ToString() == text;

    private static bool IsLabel(string text) => Label().IsMatch(text);

    /// <summary>For the console: one line, and no longer than a name may be.</summary>
    private static string Quoted(string text) =>
        $"'{JsonValue.Create(text.Length > 63 ? text[..63] : text).ToJsonString().Trim('"')}'";

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
