using System.Buffers.Binary;

namespace Images.Formats.Xz;

/// <summary>A block header (xz file format §3.1) whose only filter is LZMA2.</summary>
internal readonly record struct XzBlockHeader
{
    private const ulong Lzma2Filter = 0x21;
    private const long MaximumDictionary = 256L << 20;
    private const int MaximumIntegerBytes = 9;

    /// <summary>Bytes of the header itself.</summary>
    public required int HeaderSize { get; init; }

    /// <summary>Bytes of the compressed data, where the header says it.</summary>
    public long? CompressedSize { get; init; }

    public long? UncompressedSize { get; init; }

    /// <summary>Bytes of the dictionary; at most 256 MiB.</summary>
    public required int DictionarySize { get; init; }

    /// <summary>Reads the header whose first byte, the size, was taken already.</summary>
    public static XzBlockHeader Read(XzInput input, byte sizeByte)
    {
        int size = (sizeByte + 1) * 4;
        byte[] header = new byte[size];
        header[0] = sizeByte;
        input.ReadExactly(header.AsSpan(1));
        if (Crc32.Append(0, header.AsSpan(0, size - 4)) != BinaryPrimitives.ReadUInt32LittleEndian(
            header.AsSpan(size - 4)))
        {
            throw input.Malformed("the block header's CRC32 does not match");
        }

        byte flags = header[1];
        if ((flags & 0x3C) != 0)
        {
            throw input.Malformed("the block header has reserved flags set");
        }

        ReadOnlySpan<byte> fields = header.AsSpan(2, size - 6);
        long? compressed = (flags & 0x40) != 0 ? ReadSize(ref fields, input) : null;
        long? uncompressed = (flags & 0x80) != 0 ? ReadSize(ref fields, input) : null;
        int dictionary = ReadFilters(ref fields, (flags & 0x03) + 1, input);
        if (compressed == 0 || fields.ContainsAnyExcept((byte)0))
        {
            throw input.Malformed("the block header has a compressed size of zero, or padding that is not zero");
        }

        return new XzBlockHeader
        {
            HeaderSize = size,
            CompressedSize = compressed,
            UncompressedSize = uncompressed,
            DictionarySize = dictionary,
        };
    }

    private static int ReadFilters(ref ReadOnlySpan<byte> fields, int count, XzInput input)
    {
        for (int i = 0; i < count; i++)
        {
            ulong id = (ulong)ReadSize(ref fields, input);
            long propertiesSize = ReadSize(ref fields, input);
            if (id != Lzma2Filter)
            {
                throw input.Malformed($"the block uses the filter {NameOf(id)}; only LZMA2 is supported");
            }

            if (i + 1 != count || propertiesSize != 1 || fields.IsEmpty)
            {
                throw input.Malformed("the LZMA2 filter is not the last one, or has not one byte of properties");
            }
        }

        byte bits = fields[0];
        fields = fields[1..];
        if (bits > 40)
        {
            throw input.Malformed("the dictionary size has reserved bits set or exceeds 4 GiB");
        }

        long dictionary = bits == 40 ? uint.MaxValue : (2L | (bits & 1L)) << ((bits / 2) + 11);
        return dictionary <= MaximumDictionary
            ? (int)dictionary
            : throw input.Malformed(
                $"the dictionary has {dictionary} bytes; at most {MaximumDictionary} are supported");
    }

    private static long ReadSize(ref ReadOnlySpan<byte> fields, XzInput input)
    {
        long value = 0;
        for (int i = 0; i < MaximumIntegerBytes && i < fields.Length; i++)
        {
            byte b = fields[i];
            value |= (long)(b & 0x7F) << (7 * i);
            if ((b & 0x80) == 0)
            {
                if (b == 0 && i > 0)
                {
                    break;
                }

                fields = fields[(i + 1)..];
                return value;
            }
        }

        throw input.Malformed("the block header holds a malformed integer");
    }

    private static string NameOf(ulong id) => id switch
    {
        0x03 => "Delta",
        0x04 => "BCJ x86",
        0x05 => "BCJ PowerPC",
        0x06 => "BCJ IA-64",
        0x07 => "BCJ ARM",
        0x08 => "BCJ ARM Thumb",
        0x09 => "BCJ SPARC",
        0x0A => "BCJ ARM64",
        0x0B => "BCJ RISC-V",
        _ => $"0x{id:X}",
    };
}
