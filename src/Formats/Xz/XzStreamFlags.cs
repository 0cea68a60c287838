using System.Buffers.Binary;

namespace Images.Formats.Xz;

/// <summary>Header and footer of an xz stream (xz file format §2.1.1 and §2.1.2).</summary>
internal static class XzStreamFlags
{
    private const int HeaderSize = 12;
    private const int FooterSize = 12;

    private static ReadOnlySpan<byte> HeaderMagic => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0x00];

    private static ReadOnlySpan<byte> FooterMagic => "YZ"u8;

    /// <summary>Reads a stream header and returns which check its blocks carry.</summary>
    public static XzCheck ReadHeader(XzInput input)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        input.ReadExactly(header);
        if (!header.StartsWith(HeaderMagic))
        {
            throw input.Malformed("no xz stream begins here (wrong magic)");
        }

        if (Crc32.Append(0, header[6..8]) != BinaryPrimitives.ReadUInt32LittleEndian(header[8..]))
        {
            throw input.Malformed("the stream header's CRC32 does not match");
        }

        XzCheck check = (XzCheck)header[7];
        return header[6] == 0 && check is XzCheck.None or XzCheck.Crc32 or XzCheck.Crc64 or XzCheck.Sha256
            ? check
            : throw input.Malformed($"the stream flags 0x{header[6]:X2}{header[7]:X2} name an unknown integrity check");
    }

    /// <summary>Reads a stream footer and holds it against the header's check and the index's size.</summary>
    public static void ReadFooter(XzInput input, XzCheck check, long indexSize)
    {
        Span<byte> footer = stackalloc byte[FooterSize];
        input.ReadExactly(footer);
        if (!footer.EndsWith(FooterMagic))
        {
            throw input.Malformed("the stream footer has the wrong magic");
        }

        if (Crc32.Append(0, footer[4..10]) != BinaryPrimitives.ReadUInt32LittleEndian(footer))
        {
            throw input.Malformed("the stream footer's CRC32 does not match");
        }

        if ((BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4 != indexSize)
        {
            throw input.Malformed("the stream footer's backward size is not the size of the index");
        }

        if (footer[8] != 0 || footer[9] != (byte)check)
        {
            throw input.Malformed("the stream footer's flags differ from the header's");
        }
    }
}
