using System.Collections.Immutable;
using System.Text.Json;
using Images.Formats;

namespace Images.Baker.Containers.Oci;

/// <summary>
/// Reads manifests and indexes (OCI image specification 1.1; docker's image manifest version 2, schema 2). Unknown
/// fields are ignored, as the specification asks; content that would not be a container image for a node is refused.
/// </summary>
internal sealed class OciDocumentReader
{
    /// <summary>
    /// The size that registries must accept at least (distribution specification), and all that is read here.
    /// </summary>
    public const int MaximumSize = 4 << 20;

    private const int SchemaVersion = 2;
    private const int MostDescriptors = 1000;

    /// <summary>Larger layers do not fit any root of an image.</summary>
    private const long LargestContent = 8L << 30;

    private static readonly JsonDocumentOptions _json = new() { MaxDepth = 32, AllowDuplicateProperties = false };
    private readonly string _name;

    private OciDocumentReader(string name) => _name = name;

    /// <param name="bytes">The document.</param>
    /// <param name="name">How errors call it.</param>
    /// <exception cref="MalformedDataException">It breaks a rule of its format.</exception>
    public static OciDocument Read(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, _json);
            return new OciDocumentReader(name).Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // the latter for half a surrogate pair in a text
            throw new MalformedDataException(name, -1, $"it is no JSON that can be read: {e.Message}", e);
        }
    }

    /// <summary>A document that must be a manifest.</summary>
    public static OciManifest ReadManifest(ReadOnlyMemory<byte> bytes, string name) =>
        Read(bytes, name) as OciManifest
            ?? throw new MalformedDataException(name, -1, "it is an index where a manifest is expected");

    private OciDocument Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("schemaVersion", out JsonElement version)
            || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number)
            || number != SchemaVersion)
        {
            throw Malformed($"it is no manifest or index of schema {SchemaVersion}");
        }

        bool isIndex = root.TryGetProperty("manifests", out JsonElement manifests);
        bool isManifest = root.TryGetProperty("layers", out JsonElement layers);
        string? type = OptionalText(root, "mediaType");

        // a document that can be read both ways means different things to different readers
        return (isIndex, isManifest) switch
        {
            (true, false) when type is null || OciMediaTypes.IsIndex(type) => new OciIndex
            {
                MediaType = type ?? OciMediaTypes.Index,
                Manifests = Descriptors(manifests, "manifests"),
            },
            (false, true) when type is null || OciMediaTypes.IsManifest(type) =>
                ReadManifest(root, layers, type ?? OciMediaTypes.Manifest),
            _ => throw Malformed($"its media type '{type}' does not go with its content"),
        };
    }

    private OciManifest ReadManifest(JsonElement root, JsonElement layers, string type)
    {
        OciManifest manifest = new()
        {
            MediaType = type,
            Config = root.TryGetProperty("config", out JsonElement config)
                ? Descriptor(config)
                : throw Malformed("the manifest has no configuration"),
            Layers = Descriptors(layers, "layers"),
        };
        if (!OciMediaTypes.IsConfig(manifest.Config.MediaType))
        {
            throw Malformed($"it is no container image but '{manifest.Config.MediaType}'");
        }

        OciDescriptor? strange = manifest.Layers.FirstOrDefault(layer => !OciMediaTypes.IsLayer(layer.MediaType));
        return strange is null
            ? manifest
            : throw Malformed($"a layer is '{strange.MediaType}', which is not supported");
    }

    private ImmutableArray<OciDescriptor> Descriptors(JsonElement array, string what) =>
        array.ValueKind == JsonValueKind.Array && array.GetArrayLength() <= MostDescriptors
            ? [.. array.EnumerateArray().Select(Descriptor)]
            : throw Malformed($"'{what}' is no list of at most {MostDescriptors}");

    private OciDescriptor Descriptor(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("a descriptor is no object");
        }

        string digest = OptionalText(element, "digest") ?? "";
        bool hasSize = element.TryGetProperty("size", out JsonElement sizeElement)
            && sizeElement.ValueKind == JsonValueKind.Number;
        if (!hasSize || !sizeElement.TryGetInt64(out long size) || size is < 0 or > LargestContent)
        {
            throw Malformed($"the descriptor of '{digest}' has no size, or one beyond {LargestContent >> 30} GiB");
        }

        return new OciDescriptor
        {
            MediaType = OptionalText(element, "mediaType")
                ?? throw Malformed($"the descriptor of '{digest}' has no media type"),
            Digest = digest.StartsWith("sha256:", StringComparison.Ordinal) && Digest.TryParse(digest) is { } parsed
                ? parsed
                : throw Malformed($"'{digest}' is no sha256 digest, the only kind that is supported"),
            Size = size,
            Platform = element.TryGetProperty("platform", out JsonElement platform) ? Platform(platform) : null,
            Annotations = element.TryGetProperty("annotations", out JsonElement annotations)
                ? Annotations(annotations)
                : new Dictionary<string, string>(StringComparer.Ordinal),
        };
    }

    private OciPlatform Platform(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? new OciPlatform(
            OptionalText(element, "os") ?? "", OptionalText(element, "architecture") ?? "",
            OptionalText(element, "variant"))
        : throw Malformed("'platform' is no object");

    private Dictionary<string, string> Annotations(JsonElement element)
    {
        Dictionary<string, string> annotations = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject()
            : throw Malformed("'annotations' is no object"))
        {
            annotations[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw Malformed($"the annotation '{property.Name}' is no text");
        }

        return annotations;
    }

    private string? OptionalText(JsonElement element, string key) =>
        !element.TryGetProperty(key, out JsonElement value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw Malformed($"'{key}' is no text");

    private MalformedDataException Malformed(string rule) => new(_name, -1, rule);
}
