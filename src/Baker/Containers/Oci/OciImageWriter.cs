using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Images.Formats;

namespace Images.Baker.Containers.Oci;

/// <summary>Writes the JSON documents of an image; the same input gives the same bytes.</summary>
internal static class OciImageWriter
{
    private const int SchemaVersion = 2;

    /// <summary>A moment for fields that want one: nothing in a container that the bake makes has a date.</summary>
    private const string Epoch = "1970-01-01T00:00:00Z";

    /// <param name="architecture">amd64.</param>
    /// <param name="entrypoint">Program and arguments.</param>
    /// <param name="user">Numeric.</param>
    /// <param name="layer">Digest of the only layer, as a plain tar archive.</param>
    /// <param name="madeOf">One line for the history.</param>
    public static byte[] Config(
        string architecture, ImmutableArray<string> entrypoint, string user, Digest layer,
        string madeOf) => Write(json =>
    {
        json.WriteString("architecture", architecture);
        json.WriteStartObject("config");
        json.WriteStartArray("Entrypoint");
        foreach (string argument in entrypoint)
        {
            json.WriteStringValue(argument);
        }

        json.WriteEndArray();
        json.WriteString("User", user);
        json.WriteEndObject();
        json.WriteString("created", Epoch);
        json.WriteStartArray("history");
        json.WriteStartObject();
        json.WriteString("created", Epoch);
        json.WriteString("created_by", madeOf);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("os", "linux");
        json.WriteStartObject("rootfs");
        json.WriteStartArray("diff_ids");
        json.WriteStringValue(layer.ToString());
        json.WriteEndArray();
        json.WriteString("type", "layers");
        json.WriteEndObject();
    });

    public static byte[] Manifest(OciDescriptor config, IEnumerable<OciDescriptor> layers) => Write(json =>
    {
        json.WriteNumber("schemaVersion", SchemaVersion);
        json.WriteString("mediaType", OciMediaTypes.Manifest);
        json.WritePropertyName("config");
        WriteDescriptor(json, config);
        json.WriteStartArray("layers");
        foreach (OciDescriptor layer in layers)
        {
            WriteDescriptor(json, layer);
        }

        json.WriteEndArray();
    });

    public static byte[] Index(IEnumerable<OciDescriptor> manifests) => Write(json =>
    {
        json.WriteNumber("schemaVersion", SchemaVersion);
        json.WriteString("mediaType", OciMediaTypes.Index);
        json.WriteStartArray("manifests");
        foreach (OciDescriptor manifest in manifests)
        {
            WriteDescriptor(json, manifest);
        }

        json.WriteEndArray();
    });

    private static void WriteDescriptor(Utf8JsonWriter json, OciDescriptor descriptor)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", descriptor.MediaType);
        json.WriteString("digest", descriptor.Digest.ToString());
        json.WriteNumber("size", descriptor.Size);
        if (descriptor.Annotations.Count > 0)
        {
            json.WriteStartObject("annotations");
            foreach ((string key, string value) in descriptor.Annotations.OrderBy(
                annotation => annotation.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> writeFields)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
