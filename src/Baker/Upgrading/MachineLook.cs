// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.Baker.Upgrading;

/// <summary>What <c>bootstrapper upgrade --look</c> says of a machine. Hashes are lower-case hexadecimal.</summary>
internal sealed record MachineLook
{
    public required string Hostname { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>With its domain: demo.k8s.</summary>
    public required string Cluster { get; init; }

    public required string Address { get; init; }

    /// <summary>The name of its Node; null where it is no worker.</summary>
    public string? Node { get; init; }

    /// <summary>Of the image that runs.</summary>
    public required string Name { get; init; }

    /// <summary>Debian's name: amd64.</summary>
    public required string Architecture { get; init; }

    public required string Version { get; init; }

    public required string RootHash { get; init; }

    public string? Kubernetes { get; init; }

    /// <summary>Null where the machine is no member of etcd.</summary>
    public string? Etcd { get; init; }

    /// <summary>What the other slot holds at most; null where that cannot be told at the moment.</summary>
    public long? SlotBytes { get; init; }

    /// <summary>What a kernel image may have at most; null likewise.</summary>
    public long? KernelBytes { get; init; }

    /// <summary>The running image is not kept yet.</summary>
    public required bool IsOnTrial { get; init; }

    /// <summary>Root hash of what the other slot holds whole; null for nothing.</summary>
    public string? Staged { get; init; }

    /// <summary>Root hash of what the next boot tries, or this one; null for nothing.</summary>
    public string? Pending { get; init; }

    /// <summary>Root hashes that were given up.</summary>
    public required IReadOnlyList<string> Failed { get; init; }

    /// <summary>What became of the last of them; null where there is none.</summary>
    public string? LastFailure { get; init; }

    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <param name="json">What the machine answered.</param>
    /// <param name="host">For errors.</param>
    /// <exception cref="BakeException">It is no such document.</exception>
    public static MachineLook Parse(string json, string host)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MachineLookJson.Default.MachineLook)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw Unreadable(host, "bootstrapper upgrade --look", e);
        }
    }

    public static BakeException Unreadable(string host, string command, Exception fault) => new(
        "BAKE0974", host, $"what '{command}' says there is not understood: {fault.Message.TrimEnd('.')}.",
        "Use the baker of the image that the machine runs, or of a newer one.", BakeFault.Source, fault);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 8, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MachineLook))]
internal sealed partial class MachineLookJson : JsonSerializerContext;
