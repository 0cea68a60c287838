// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Identity;

/// <summary>Who this machine is: decided at its first boot with metadata, kept on the state partition.</summary>
internal sealed record NodeIdentity
{
    public required string InstanceId { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    public required string Cluster { get; init; }

    public required string Domain { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The node's address in canonical form.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset FirstBoot { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(NodeIdentity))]
[JsonSerializable(typeof(MachineMemory))]
internal sealed partial class NodeIdentityJson : JsonSerializerContext;
