// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.NodeConfig.Containers;

/// <summary>
/// A container image that lies in the image as an OCI archive: the document beside the archive, in
/// <see cref="NodePaths.Containers"/>, <c>NAME.json</c> beside <c>NAME.tar</c>.
/// </summary>
public sealed record CarriedContainer
{
    /// <summary>What it is called in the node's store: by tag, and by digest.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Of the manifest or index that the names stand for, as <c>sha256:…</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>The archive's file name.</summary>
    public required string Archive { get; init; }

    /// <summary>Where it came from, for people.</summary>
    public required string Source { get; init; }

    /// <exception cref="JsonException">The document is not one that <see cref="ToJson"/> makes.</exception>
    public static CarriedContainer FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, ContainerJson.Default.CarriedContainer)
            ?? throw new JsonException("the document is null");

    /// <summary>UTF-8, indented, with line feeds: the same bytes everywhere.</summary>
    public byte[] ToJson() =>
        [.. JsonSerializer.SerializeToUtf8Bytes(this, ContainerJson.Default.CarriedContainer), (byte)'\n'];
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CarriedContainer))]
internal sealed partial class ContainerJson : JsonSerializerContext;
