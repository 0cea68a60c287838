using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Pki;

/// <summary>The time before which no clock is believed: when the image was made.</summary>
internal static class ClockFloor
{
    public static DateTimeOffset Read(NodeRoot root)
    {
        try
        {
            using JsonDocument image = JsonDocument.Parse(File.ReadAllBytes(root[NodePaths.ImageDescription]));
            return DateTimeOffset.FromUnixTimeSeconds(image.RootElement.GetProperty("sourceDate").GetInt64());
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException)
        {
            return DateTimeOffset.UnixEpoch; // an image without a description has no floor
        }
    }
}
