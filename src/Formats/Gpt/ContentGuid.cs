using System.Security.Cryptography;

namespace Images.Formats.Gpt;

/// <summary>
/// Identifiers that derive from content: the first 16 bytes of a SHA-256 as an RFC 9562 version 8 UUID.
/// </summary>
internal static class ContentGuid
{
    public static Guid From(Digest content)
    {
        Span<byte> bytes = stackalloc byte[16];
        content.ToBytes().AsSpan(0, 16).CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // version 8
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80); // variant 10
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>One identifier for several parts, each of a known digest.</summary>
    public static Guid From(IEnumerable<Digest> parts) =>
        From(Digest.FromSha256(SHA256.HashData([.. parts.SelectMany(part => part.ToBytes())])));
}
