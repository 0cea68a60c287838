using System.Buffers.Binary;
using Images.Formats.Xz;

namespace Images.Formats.Gzip;

/// <summary>The header of a gzip member (RFC 1952 §2.3); only its extent matters here.</summary>
internal static class GzipHeader
{
    public const int MinimumSize = 10;

    /// <summary>RFC 1952 sets no limit to the name and the comment; this is ours.</summary>
    public const int MaximumSize = 128 << 10;

    private const byte Deflate = 8;
    private const byte HeaderCrc = 0x02;
    private const byte Extra = 0x04;
    private const byte OriginalName = 0x08;
    private const byte Comment = 0x10;
    private const byte Reserved = 0xE0;

    /// <summary>The header's size in bytes.</summary>
    /// <param name="start">The member's first bytes.</param>
    /// <exception cref="MalformedDataException">It is no gzip header, or is not within these bytes.</exception>
    public static int Measure(ReadOnlySpan<byte> start, string name)
    {
        if (start.Length < MinimumSize)
        {
            throw new MalformedDataException(name, start.Length, "the gzip header does not end");
        }

        if (start[0] != 0x1F || start[1] != 0x8B || start[2] != Deflate || (start[3] & Reserved) != 0)
        {
            throw new MalformedDataException(name, 0, "no gzip header with the method deflate");
        }

        byte flags = start[3];
        ReadOnlySpan<byte> rest = start[MinimumSize..];
        if ((flags & Extra) != 0)
        {
            int length = rest.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(rest) : 0;
            rest = Skip(rest, 2 + length, name);
        }

        rest = (flags & OriginalName) != 0 ? Skip(rest, rest.IndexOf((byte)0) + 1, name) : rest;
        rest = (flags & Comment) != 0 ? Skip(rest, rest.IndexOf((byte)0) + 1, name) : rest;
        if ((flags & HeaderCrc) != 0)
        {
            ReadOnlySpan<byte> covered = start[..^rest.Length];
            rest = Skip(rest, 2, name);
            if (BinaryPrimitives.ReadUInt16LittleEndian(start[covered.Length..]) != (Crc32.Append(0, covered) & 0xFFFF))
            {
                throw new MalformedDataException(name, covered.Length, "the gzip header's CRC16 does not match");
            }
        }

        return start.Length - rest.Length;
    }

    private static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> rest, int count, string name) =>
        count > 0 && count <= rest.Length
        ? rest[count..]
        : throw new MalformedDataException(name, -1, "the gzip header does not end");
}
