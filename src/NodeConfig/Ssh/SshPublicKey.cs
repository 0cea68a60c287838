// A record and its JSON.
#pragma warning disable MA0048
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.NodeConfig.Ssh;

/// <summary>
/// A public key of ssh: its type, and the blob that begins with the type again (RFC 4253, 6.6). In JSON it is the text
/// of a .pub file without a comment.
/// </summary>
[JsonConverter(typeof(SshPublicKeyJson))]
public sealed record SshPublicKey
{
    private const int MaximumBytes = 4096; // RSA with 16,384 bits is half of it
    private const int MaximumTypeCharacters = 64; // RFC 4251, 6

    private SshPublicKey(string type, byte[] blob) => (Type, Base64) = (type, Convert.ToBase64String(blob));

    /// <summary>For example <c>ssh-ed25519</c>.</summary>
    public string Type { get; }

    /// <summary>The blob, as known_hosts has it.</summary>
    public string Base64 { get; }

    /// <summary>The key as <c>ssh-keygen -l</c> and ssh itself show it: <c>SHA256:</c> and base64.</summary>
    public string Fingerprint =>
        $"SHA256:{Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Base64))).TrimEnd('=')}";

    /// <param name="line">Type, blob and perhaps a comment, as sshd(8) has it.</param>
    /// <returns>Null where it is no public key.</returns>
    public static SshPublicKey? TryParse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] fields = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 2 || !IsType(fields[0]) || fields[1].Length > MaximumBytes * 2)
        {
            return null;
        }

        byte[] blob = new byte[fields[1].Length];
        return Convert.TryFromBase64String(fields[1], blob, out int count)
            && count <= MaximumBytes
            && IsOf(fields[0], blob.AsSpan(0, count))
                ? new SshPublicKey(fields[0], blob[..count])
                : null;
    }

    public override string ToString() => $"{Type} {Base64}";

    private static bool IsType(string text) =>
        text.Length <= MaximumTypeCharacters
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '@');

    private static bool IsOf(string type, ReadOnlySpan<byte> blob) =>
        blob.Length > sizeof(uint) + type.Length
        && BinaryPrimitives.ReadUInt32BigEndian(blob) == type.Length
        && blob.Slice(sizeof(uint), type.Length).SequenceEqual(Encoding.ASCII.GetBytes(type));
}

internal sealed class SshPublicKeyJson : JsonConverter<SshPublicKey>
{
    public override SshPublicKey Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SshPublicKey.TryParse(reader.GetString()!) is { } key
            ? key
            : throw new JsonException("no public key of ssh");

    public override void Write(Utf8JsonWriter writer, SshPublicKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
