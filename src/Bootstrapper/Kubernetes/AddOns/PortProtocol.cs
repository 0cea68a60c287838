using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>
/// Ports of Services and containers are told apart by number and protocol, and the API server of 1.20 applies none that
/// leaves the protocol to its default ("an element that omits key field"). So the default is written out; it says
/// nothing that was not meant.
/// </summary>
internal static class PortProtocol
{
    private const string Default = "TCP";
    private static readonly string[] _apiVersions = ["v1", "apps/v1", "batch/v1", "batch/v1beta1"];
    private static readonly string[] _numbers = ["port", "containerPort"];

    /// <summary>Custom resources have ports of their own making and are left alone.</summary>
    public static void WriteOut(KubernetesObject item)
    {
        if (_apiVersions.Contains(item.ApiVersion, StringComparer.Ordinal))
        {
            WriteOut(item.Json);
        }
    }

    private static void WriteOut(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (JsonNode? item in list)
                {
                    WriteOut(item);
                }

                break;
            case JsonObject map:
                foreach (JsonObject port in (map["ports"] as JsonArray ?? []).OfType<JsonObject>()
                    .Where(port => _numbers.Any(port.ContainsKey)))
                {
                    port.TryAdd("protocol", Default);
                }

                foreach ((_, JsonNode? value) in map)
                {
                    WriteOut(value);
                }

                break;
        }
    }
}
