// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Baker.Seeds;

/// <summary>Whose secrets a folder holds.</summary>
internal sealed record ClusterDescription
{
    public required string Cluster { get; init; }

    public required string Domain { get; init; }

    /// <summary>Null until a master or worker got its seed.</summary>
    public ClusterNetwork? Network { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NewLine = "\n")]
[JsonSerializable(typeof(ClusterDescription))]
internal sealed partial class ClusterDescriptionJson : JsonSerializerContext;
