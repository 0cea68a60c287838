using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.ClusterDns;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

/// <summary>Services and EndpointSlices as the API has them.</summary>
internal static class ClusterDnsSample
{
    public static ClusterDnsSettings Settings { get; } = new("cluster.local", [IPNetwork.Parse("10.32.0.0/24"), IPNetwork.Parse("10.200.0.0/16")]);

    public static KubernetesObject Service(string name, string address, string space = "default", bool takesAll = false) => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["spec"] = new JsonObject { ["type"] = "ClusterIP", ["clusterIP"] = address, ["publishNotReadyAddresses"] = takesAll },
    });

    public static KubernetesObject Slice(string service, params JsonObject[] endpoints) => SliceOf("IPv4", "default", service, endpoints);

    public static KubernetesObject SliceOf(string family, string space, string service, params JsonObject[] endpoints) => new(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{service}-{Guid.NewGuid():N}",
            ["namespace"] = space,
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service },
        },
        ["addressType"] = family,
        ["endpoints"] = new JsonArray([.. endpoints]),
    });

    /// <param name="ready">Null where the API does not know.</param>
    public static JsonObject Endpoint(string address, bool? ready = true, string? hostname = null)
    {
        JsonObject conditions = [];
        if (ready is not null)
        {
            conditions["ready"] = ready;
        }

        JsonObject endpoint = new() { ["addresses"] = new JsonArray(address), ["conditions"] = conditions };
        if (hostname is not null)
        {
            endpoint["hostname"] = hostname;
        }

        return endpoint;
    }

    /// <summary>Of a Service, or of an EndpointSlice.</summary>
    public static KubernetesObject WithPorts(KubernetesObject item, params (string Name, int Port, string Protocol)[] ports)
    {
        (item.Json["spec"] as JsonObject ?? item.Json)["ports"] = new JsonArray(
            [.. ports.Select(port => new JsonObject { ["name"] = port.Name, ["port"] = (long)port.Port, ["protocol"] = port.Protocol })]);
        return item;
    }
}
