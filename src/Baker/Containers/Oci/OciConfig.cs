using System.Collections.Immutable;
using System.Text.Json;
using Images.Formats;

namespace Images.Baker.Containers.Oci;

/// <summary>
/// What of an image's configuration decides whether it can run here (OCI image specification, config.md).
/// </summary>
internal sealed record OciConfig
{
    /// <summary>Far beyond any real one.</summary>
    public const int MaximumSize = 8 << 20;

    public required OciPlatform Platform { get; init; }

    /// <summary>Digests of the layers as plain tar archives, the lowest first.</summary>
    public required ImmutableArray<Digest> DiffIds { get; init; }

    /// <exception cref="MalformedDataException">It breaks a rule of its format.</exception>
    public static OciConfig Read(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            JsonElement root = document.RootElement;
            return new OciConfig
            {
                Platform = new OciPlatform(
                    root.GetProperty("os").GetString() ?? "", root.GetProperty("architecture").GetString() ?? "",
                    Variant: null),
                DiffIds = [.. root.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(
                    item => Digest.Parse(item.GetString() ?? ""))],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new MalformedDataException(
                name, -1, $"it is no image configuration with os, architecture and rootfs: {e.Message}", e);
        }
    }
}
