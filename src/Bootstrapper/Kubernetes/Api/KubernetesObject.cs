using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// An object of the API, or a part of one. What is missing or of another type reads as empty: the server has
/// checked its objects.
/// </summary>
internal sealed class KubernetesObject(JsonObject json)
{
    public JsonObject Json => json;

    public string ApiVersion => Text("apiVersion");

    public string Kind => Text("kind");

    public string Name => Text("metadata", "name");

    /// <summary>Empty for an object of the whole cluster.</summary>
    public string Namespace => Text("metadata", "namespace");

    public string ResourceVersion => Text("metadata", "resourceVersion");

    /// <exception cref="JsonException">No JSON, or no object.</exception>
    public static KubernetesObject Parse(ReadOnlySpan<byte> json) =>
        new(ForeignJson.ParseObject(json));

    public string Text(params ReadOnlySpan<string> path) =>
        Find(path) is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public bool Flag(params ReadOnlySpan<string> path) =>
        Find(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>Null unless it is a whole number.</summary>
    public long? Number(params ReadOnlySpan<string> path) =>
        Find(path) is JsonValue value && value.TryGetValue(out long number) ? number : null;

    /// <summary>Null unless it is a moment (RFC 3339).</summary>
    public DateTimeOffset? Moment(params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(
            Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment
            : null;

    public IReadOnlyList<string> Texts(params ReadOnlySpan<string> path) => Find(path) is JsonArray array
        ? [.. array.OfType<JsonValue>()
            .Select(value => value.TryGetValue(out string? text) ? text : null)
            .OfType<string>()]
        : [];

    public IReadOnlyList<KubernetesObject> Items(params ReadOnlySpan<string> path) => Find(path) is JsonArray array
        ? [.. array.OfType<JsonObject>().Select(item => new KubernetesObject(item))]
        : [];

    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";

    private JsonNode? Find(ReadOnlySpan<string> path)
    {
        JsonNode? node = json;
        foreach (string key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }
}
