using System.Text.Json;
using Images.Baker.Manifest;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Inspect;

/// <summary>The image's manifest.json, as far as inspection and verification need it.</summary>
internal sealed record InspectedManifest
{
    private static readonly JsonDocumentOptions _options = new() { AllowDuplicateProperties = false };

    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>ISO 8601, UTC.</summary>
    public required string Created { get; init; }

    public required string Kernel { get; init; }

    /// <summary>Null where the image holds no Kubernetes.</summary>
    public required KubernetesFacts? Kubernetes { get; init; }

    public required IReadOnlyList<AddOnFacts> AddOns { get; init; }

    public required IReadOnlyList<InspectedPackage> Packages { get; init; }

    /// <summary>Digest of each regular file but the manifest itself.</summary>
    public required IReadOnlyDictionary<TreePath, Digest> Files { get; init; }

    /// <exception cref="MalformedDataException">It is not what a bake writes.</exception>
    public static InspectedManifest Parse(ReadOnlyMemory<byte> json, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, _options);
            return Read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new MalformedDataException(
                file, -1, $"/{ImageManifest.Path} is not what a bake writes: {fault.Message}", fault);
        }
    }

    private static InspectedManifest Read(JsonElement root)
    {
        Dictionary<TreePath, Digest> files = [];
        AddFiles(root, files);
        List<InspectedPackage> packages = [];
        foreach (JsonElement package in root.GetProperty("packages").EnumerateArray())
        {
            AddFiles(package, files);
            packages.Add(new InspectedPackage
            {
                Name = Text(package, "name"),
                Version = Text(package, "version"),
                Suite = Text(package, "suite"),
                ArchiveBytes = package.GetProperty("size").GetInt64(),
                Digest = Digest.Parse(Text(package, "digest")),
            });
        }

        return new InspectedManifest
        {
            Name = Text(root, "name"),
            Version = Text(root, "version"),
            Created = Text(root, "created"),
            Kernel = Text(root, "kernel"),
            Kubernetes =
                root.TryGetProperty("kubernetes", out JsonElement kubernetes) ? ReadKubernetes(kubernetes) : null,
            AddOns = root.TryGetProperty("addons", out JsonElement addOns)
                ? [.. addOns.EnumerateObject().Select(ReadAddOn)]
                : [],
            Packages = packages,
            Files = files,
        };
    }

    private static KubernetesFacts ReadKubernetes(JsonElement element) => new()
    {
        Version = Text(element, "version"),
        Source = Text(element, "source"),
        EndOfLife = Text(element, "endOfLife"),
        Inputs = element.GetProperty("inputs").EnumerateObject().ToDictionary(
            input => input.Name, input => Digest.Parse(Text(input.Value)), StringComparer.Ordinal),
        Changes = element.TryGetProperty("changes", out JsonElement changes)
            ? [.. changes.EnumerateArray().Select(Text)]
            : [],
        Licences = [.. element.GetProperty("licences").EnumerateArray().Select(Text)],
    };

    private static AddOnFacts ReadAddOn(JsonProperty addOn) => new()
    {
        File = addOn.Name,
        Objects = [.. addOn.Value.EnumerateArray().Select(Text)],
    };

    private static void AddFiles(JsonElement element, Dictionary<TreePath, Digest> files)
    {
        foreach (JsonProperty file in element.GetProperty("files").EnumerateObject())
        {
            files[TreePath.Parse(file.Name)] = Digest.Parse(Text(file.Value));
        }
    }

    private static string Text(JsonElement element, string key) =>
        element.GetProperty(key).GetString() ?? throw new JsonException($"'{key}' is null");

    private static string Text(JsonElement element) =>
        element.GetString() ?? throw new JsonException("a null stands where a text should");
}
