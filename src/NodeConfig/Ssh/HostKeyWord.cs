// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Images.Formats;

namespace Images.NodeConfig.Ssh;

/// <summary>
/// What a machine says of itself at <see cref="Port"/>, over TLS, to whoever connects: one JSON object, and the end of
/// the connection. Nothing in it is secret.
/// </summary>
public sealed record HostKeyWord
{
    /// <summary>Beside those of Kubernetes, none of which is this one.</summary>
    public const int Port = 10243;

    public const int MaximumBytes = 16 << 10;

    private const int MostKeys = 8;
    private const int MostRoles = 16;
    private const int LongestName = 253;
    private const int DigitsOfMachine = 32;

    private static readonly JsonSerializerOptions _options = new(HostKeyJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // '+' of base64 stays as it is
    };

    private static readonly JsonTypeInfo<HostKeyWord> _json =
        (JsonTypeInfo<HostKeyWord>)_options.GetTypeInfo(typeof(HostKeyWord));

    public required string HostName { get; init; }

    /// <summary>
    /// 32 hexadecimal digits, derived from the machine-id, which itself is for no stranger (machine-id(5)). Another
    /// disk is another machine.
    /// </summary>
    public required string Machine { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>At least one; one of each type.</summary>
    public required IReadOnlyList<SshPublicKey> Keys { get; init; }

    /// <param name="json">UTF-8; what another machine sent.</param>
    /// <param name="host">For errors.</param>
    /// <exception cref="MalformedDataException">It is no such word.</exception>
    public static HostKeyWord FromJson(ReadOnlySpan<byte> json, string host)
    {
        try
        {
            HostKeyWord word = JsonSerializer.Deserialize(json, _json) ?? throw new JsonException("it is null");
            return word.Fault() is { } fault ? throw new MalformedDataException(host, -1, fault) : word;
        }
        catch (JsonException e)
        {
            throw new MalformedDataException(host, -1, $"it is no word on host keys: {e.Message}", e);
        }
    }

    /// <summary>One line.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, _json), (byte)'\n'];

    private string? Fault() =>
        !IsName(HostName) ? "its host name is none."
        : Machine.Length != DigitsOfMachine || !Machine.All(char.IsAsciiHexDigitLower)
            ? "its machine has no identifier."
        : Roles.Count > MostRoles || !Roles.All(IsName) ? "its roles are none."
        : Keys.Count is 0 or > MostKeys || Keys.Contains(null!)
            || Keys.Select(key => key.Type).Distinct(StringComparer.Ordinal).Count() != Keys.Count
            ? "its keys are not one of each type."
        : null;

    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= LongestName }
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, MaxDepth = 4)]
[JsonSerializable(typeof(HostKeyWord))]
internal sealed partial class HostKeyJson : JsonSerializerContext;
