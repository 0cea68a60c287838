using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Images.Bootstrapper;

/// <summary>
/// JSON that another machine sent. Nothing but <see cref="JsonException"/> leaves it, and what it gives holds nothing
/// that would throw when it is looked at: System.Text.Json reads texts and doubled keys only when they are asked for.
/// </summary>
internal static class ForeignJson
{
    private const int MaxDepth = 64; // schemas of custom resources are deep

    private static readonly JsonDocumentOptions _options = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <exception cref="JsonException">No JSON.</exception>
    public static JsonDocument ParseDocument(ReadOnlyMemory<byte> json)
    {
        Check(json.Span);
        return JsonDocument.Parse(json, _options);
    }

    /// <exception cref="JsonException">No JSON, or no object.</exception>
    public static JsonObject ParseObject(ReadOnlySpan<byte> json)
    {
        Check(json);
        return JsonNode.Parse(json, documentOptions: _options) as JsonObject
            ?? throw new JsonException("not a JSON object");
    }

    /// <param name="json">UTF-8.</param>
    /// <param name="type">Of a context that refuses nulls where a type has none.</param>
    /// <exception cref="JsonException">Not what the type says, or null.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");

    /// <summary>Half characters, of UTF-8 and of escapes.</summary>
    private static void Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("not UTF-8");
        }

        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
        {
            return; // no surrogates
        }

        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("half a character", e);
        }
    }
}
