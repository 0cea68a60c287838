using System.Text.Json;
using System.Text.Json.Serialization;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>A digest as <c>"sha256:…"</c>.</summary>
internal sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string text = reader.GetString() ?? "";
        return Digest.TryParse(text) ?? throw new JsonException($"'{text}' is not a digest");
    }

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
