using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Images.Bootstrapper.Kubernetes.Access;

/// <summary>Reads objects from YAML of one or more documents, as the image carries them. Scalars are read by YAML 1.2's core schema; a List is taken apart.</summary>
internal static class ManifestReader
{
    private const int MaxDepth = 64;

    /// <exception cref="InvalidDataException">No YAML, or not objects of Kubernetes: with the place.</exception>
    public static IReadOnlyList<KubernetesObject> Read(string yaml, string place)
    {
        YamlStream stream = [];
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{place}:{e.Start.Line}: {e.Message}", e);
        }

        return [.. stream.Documents.Where(document => !IsEmpty(document.RootNode)).SelectMany(document => Objects(document.RootNode, place))];
    }

    private static IEnumerable<KubernetesObject> Objects(YamlNode node, string place)
    {
        KubernetesObject read = ToJson(node, place, 0) is JsonObject json ? new KubernetesObject(json) : throw Fault(node, place, "an object is expected");
        if (read.Kind == "List")
        {
            return read.Items("items").Select(item => Checked(item, node, place));
        }

        return [Checked(read, node, place)];
    }

    private static KubernetesObject Checked(KubernetesObject read, YamlNode node, string place) =>
        read.ApiVersion.Length == 0 || read.Kind.Length == 0 || read.Name.Length == 0
            ? throw Fault(node, place, "an object needs apiVersion, kind and metadata.name")
            : read;

    private static JsonNode? ToJson(YamlNode node, string place, int depth) => node switch
    {
        _ when depth > MaxDepth => throw Fault(node, place, $"deeper than {MaxDepth} levels"),
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair => KeyValuePair.Create(Key(pair.Key, place), ToJson(pair.Value, place, depth + 1)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(item => ToJson(item, place, depth + 1))]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw Fault(node, place, "this cannot be read"),
    };

    private static string Key(YamlNode key, string place) => key is YamlScalarNode { Value: string text } ? text : throw Fault(key, place, "a key must be text");

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => JsonValue.Create(whole),
            _ when IsDecimal(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) => JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    /// <summary>Not "Infinity" and the like, which .NET would take.</summary>
    private static bool IsDecimal(string text) => text.All(character => char.IsAsciiDigit(character) || character is '.' or '-' or '+' or 'e' or 'E') && text.Any(char.IsAsciiDigit);

    private static bool IsEmpty(YamlNode node) => node is YamlScalarNode { Value: null or "" };

    private static InvalidDataException Fault(YamlNode node, string place, string problem) => new($"{place}:{node.Start.Line}: {problem}");
}
