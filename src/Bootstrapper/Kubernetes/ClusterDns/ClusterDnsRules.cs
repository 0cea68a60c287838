using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>What of the API's objects may stand in DNS. Nothing else reaches a file.</summary>
internal static partial class ClusterDnsRules
{
    public const int LongestName = 253;

    private const string OfService = "kubernetes.io/service-name";

    /// <summary>The EndpointSlices of IPv4, by <see cref="KeyOf"/> of their Service.</summary>
    public static ILookup<string, KubernetesObject> ByService(IReadOnlyList<KubernetesObject> endpointSlices) =>
        endpointSlices.Where(slice => slice.Text("addressType") == "IPv4").ToLookup(
            slice => $"{slice.Namespace}/{slice.Text("metadata", "labels", OfService)}", StringComparer.Ordinal);

    public static string KeyOf(KubernetesObject service) => $"{service.Namespace}/{service.Name}";

    /// <param name="service">A Service.</param>
    /// <param name="name">What it would be called.</param>
    public static bool HasName(KubernetesObject service, string name) =>
        IsLabel(service.Name) && IsLabel(service.Namespace) && name.Length <= LongestName;

    /// <summary>For the console.</summary>
    public static string NoName(KubernetesObject service) =>
        $"the Service {Quoted(service.Namespace)}/{Quoted(service.Name)} cannot have a name in DNS";

    /// <summary>The endpoints of a Service that have records: those that are ready, or all where it says so.</summary>
    public static IEnumerable<KubernetesObject> Endpoints(KubernetesObject service, KubernetesObject slice)
    {
        bool takesAll = service.Flag("spec", "publishNotReadyAddresses");
        return slice.Items("endpoints").Where(endpoint => takesAll || IsReady(endpoint));
    }

    public static bool IsHost(string host, string name) => IsLabel(host) && name.Length <= LongestName;

    /// <summary>In the one form that it is printed in.</summary>
    public static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && address.ToString() == text;

    public static bool IsLabel(string text) => Label().IsMatch(text);

    /// <summary>Of a name that is not the cluster's: there are such with underscores.</summary>
    public static bool IsOutsideLabel(string text) => OutsideLabel().IsMatch(text);

    /// <summary>For the console: one line, and no longer than a name may be.</summary>
    public static string Quoted(string text) =>
        $"'{JsonValue.Create(text.Length > 63 ? text[..63] : text).ToJsonString().Trim('"')}'";

    /// <summary>Unknown counts as ready, as the API says.</summary>
    private static bool IsReady(KubernetesObject endpoint) =>
        endpoint.Json["conditions"] is not JsonObject conditions
            || conditions["ready"] is null
            || endpoint.Flag("conditions", "ready");

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[a-z0-9_-]{1,63}\z")]
    private static partial Regex OutsideLabel();
}
