using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Identity;

/// <summary>What the bake wrote down of the image that runs.</summary>
/// <param name="Name">IMAGE_ID.</param>
/// <param name="Version">IMAGE_VERSION.</param>
/// <param name="Built">The bake's source date.</param>
internal sealed record ImageDescription(string Name, string Version, DateTimeOffset Built)
{
    /// <summary>A version; null where the image holds none.</summary>
    public string? Kubernetes { get; init; }

    /// <summary>An image without a description is older than any other.</summary>
    public static ImageDescription Read(NodeRoot root)
    {
        try
        {
            using JsonDocument image = JsonDocument.Parse(File.ReadAllBytes(root[NodePaths.ImageDescription]));
            return new ImageDescription(
                image.RootElement.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? "" : "",
                image.RootElement.GetProperty("version").GetString() ?? "",
                DateTimeOffset.FromUnixTimeSeconds(image.RootElement.GetProperty("sourceDate").GetInt64()))
            {
                Kubernetes = image.RootElement.TryGetProperty("kubernetes", out JsonElement kubernetes)
                    ? kubernetes.GetString()
                    : null,
            };
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException)
        {
            return new ImageDescription("", "", DateTimeOffset.UnixEpoch);
        }
    }
}
