using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

/// <summary>Services as the API server gives them.</summary>
internal static class ServiceSample
{
    /// <summary>10.0.0.64 to 10.0.0.67.</summary>
    public static AddressPool Pool { get; } = PoolOf("10.0.0.64/30");

    public static AddressPool PoolOf(params string[] ranges) => new() { Ranges = [.. ranges.Select(range => AddressRange.TryParse(range)!.Value)] };

    /// <param name="name">In the namespace default.</param>
    /// <param name="address">Of its status; null for none.</param>
    /// <param name="minute">When it was made.</param>
    /// <param name="spec">More of its spec, as JSON.</param>
    public static KubernetesObject Service(string name, string? address = null, int minute = 0, string spec = "{}", string type = "LoadBalancer", string ports = """[{"port":80,"protocol":"TCP","nodePort":30080}]""")
    {
        JsonObject json = JsonNode.Parse(spec)!.AsObject();
        json["type"] = type;
        json["ports"] = JsonNode.Parse(ports);
        return new KubernetesObject(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["resourceVersion"] = $"{minute + 100}", ["creationTimestamp"] = $"2026-11-30T10:{minute:D2}:00Z" },
            ["spec"] = json,
            ["status"] = new JsonObject { ["loadBalancer"] = address is null ? [] : new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" }) } },
        });
    }
}
