using System.Text.Json.Nodes;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// Reads Kubernetes objects from YAML of one or more documents, strictly (<see cref="StrictYaml"/>). Plain scalars mean
/// what they mean to kubectl; a List is taken apart.
/// </summary>
public static class KubernetesManifest
{
    /// <summary>Definitions of custom resources are long; etcd takes 1.5 MiB an object.</summary>
    public const int MaximumBytes = 16 << 20;
    /// <param name="sourceName">How errors call them: the file.</param>
    /// <exception cref="ConfigurationException">No YAML, or not objects of Kubernetes.</exception>
    public static IReadOnlyList<ManifestObject> Read(string yaml, string sourceName) =>
        [.. StrictYaml.ParseDocuments(yaml, sourceName, MaximumBytes).SelectMany(Objects)];

    private static IEnumerable<ManifestObject> Objects(YamlNode node)
    {
        YamlMapping mapping = node as YamlMapping
            ?? throw node.Error(
                $"An object of Kubernetes is expected here, and this is {node.Kind}.",
                "Write apiVersion, kind and metadata.");
        return Text(mapping, "kind") == "List"
            ? new MappingReader(mapping).Sequence("items").SelectMany(Objects)
            : [One(mapping)];
    }

    private static ManifestObject One(YamlMapping mapping)
    {
        YamlMapping? metadata = mapping.Find("metadata")?.Value as YamlMapping;
        return new ManifestObject
        {
            ApiVersion = Required(mapping, mapping, "apiVersion", "apiVersion"),
            Kind = Required(mapping, mapping, "kind", "kind"),
            Name = Required(mapping, metadata, "name", "metadata.name"),
            Namespace = metadata is null ? "" : Text(metadata, "namespace"),
            Json = ToJson(mapping),
            Place = $"{mapping.SourceName}:{mapping.Line}",
        };
    }

    private static string Required(YamlMapping at, YamlMapping? map, string key, string shown) =>
        map is not null && Text(map, key) is { Length: > 0 } text
        ? text
        : throw at.Error(
            $"The object that begins here has no {shown}.",
            "An add-on's object needs apiVersion, kind and metadata.name.");

    private static string Text(YamlMapping map, string key) =>
        map.Find(key)?.Value is YamlScalar { IsNull: false } scalar ? scalar.Value : "";

    private static JsonObject ToJson(YamlMapping mapping) =>
        new(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, ToJson(entry.Value))));

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMapping mapping => ToJson(mapping),
        YamlSequence sequence => new JsonArray([.. sequence.Items.Select(ToJson)]),
        YamlScalar scalar => ManifestScalar.ToJson(scalar),
        _ => throw node.Error($"{node.Kind} cannot be read here.", "Write a mapping, a list or text."),
    };
}
