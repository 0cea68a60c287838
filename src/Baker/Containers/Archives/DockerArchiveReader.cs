using System.Collections.Immutable;
using System.Text.Json;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Archives;

/// <summary>
/// Reads what <c>docker save</c> wrote before it wrote image layouts: manifest.json, a configuration and layers as
/// plain tar archives. Such an image has no manifest of its own; one is written.
/// </summary>
internal static class DockerArchiveReader
{
    public const string ManifestFile = "manifest.json";

    public static ContainerImage Read(ContainerArchive archive, ContainerReference name, string architecture)
    {
        (string configPath, ImmutableArray<string> layerPaths) = Choose(archive, name);
        byte[] config = archive.ReadDocument(configPath);
        ImmutableArray<Digest> diffIds = OciConfig.Read(config, configPath).DiffIds;
        FileContent[] layers = [.. layerPaths.Select(
            path => archive.Find(path) ?? throw archive.Malformed($"the layer '{path}' is missing"))];
        for (int i = 0; i < layers.Length; i++)
        {
            if (i >= diffIds.Length || layers[i].Digest != diffIds[i])
            {
                throw archive.Malformed($"the layer '{layerPaths[i]}' is not the plain tar archive that the "
                    + $"configuration names: {layers[i].Digest}");
            }
        }

        OciDescriptor configDescriptor = Describe(OciMediaTypes.Config, new MemoryContent(config));
        byte[] manifest = OciImageWriter.Manifest(
            configDescriptor, layers.Select(layer => Describe(OciMediaTypes.PlainLayer, layer)));
        FileContent[] contents = [new MemoryContent(manifest), new MemoryContent(config), .. layers];
        ILookup<Digest, FileContent> byDigest = contents.ToLookup(content => content.Digest);
        return ContainerImageAssembly.Assemble(
            name, Describe(OciMediaTypes.Manifest, contents[0]), architecture, blob => byDigest[blob.Digest].First());
    }

    private static OciDescriptor Describe(string type, FileContent content) =>
        new() { MediaType = type, Digest = content.Digest, Size = content.Length };

    private static (string Config, ImmutableArray<string> Layers) Choose(
        ContainerArchive archive, ContainerReference name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(archive.ReadDocument(ManifestFile), new JsonDocumentOptions
            {
                MaxDepth = 16,
                AllowDuplicateProperties = false,
            });
            JsonElement[] images = [.. document.RootElement.EnumerateArray()];
            JsonElement[] named =
                [.. images.Where(image => TagsOf(image).Contains(name.ToString(), StringComparer.Ordinal))];
            JsonElement[] candidates = named.Length > 0 ? named : images;
            return candidates.Length == 1
                ? (candidates[0].GetProperty("Config").GetString() ?? "",
                    [.. candidates[0].GetProperty("Layers").EnumerateArray().Select(layer => layer.GetString() ?? "")])
                : throw archive.Malformed($"it holds {images.Length} images and none of them is called '{name}': "
                    + $"{string.Join(", ", images.SelectMany(TagsOf))}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw archive.Malformed($"its {ManifestFile} cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<string> TagsOf(JsonElement image) =>
        image.TryGetProperty("RepoTags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array
            ? [.. tags.EnumerateArray().Select(tag => tag.GetString() ?? "")]
            : [];
}
