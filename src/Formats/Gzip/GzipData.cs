using System.Buffers.Binary;
using System.IO.Compression;
using Images.Formats.Xz;

namespace Images.Formats.Gzip;

/// <summary>
/// Unpacks gzip data that are in memory, up to a limit, since a small file can unpack to any size. As strict as
/// <see cref="GzipMemberStream"/>: each member must be whole. What gzip(1) takes for one file is taken here too:
/// several members, and zeros behind the last.
/// </summary>
public static class GzipData
{
    private const int TrailerSize = 8;

    public static bool IsGzip(ReadOnlySpan<byte> data) => data.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    /// <param name="name">What the errors call the data.</param>
    /// <exception cref="MalformedDataException">
    /// The data are no gzip, are cut off anywhere, are corrupt, or unpack to more than the limit.
    /// </exception>
    public static byte[] Decompress(byte[] packed, int maximumBytes, string name)
    {
        ArgumentNullException.ThrowIfNull(packed);
        byte[] buffer = new byte[checked(maximumBytes + 1)];
        int size = 0;
        int position = 0;
        do
        {
            if (position > 0 && !IsGzip(packed.AsSpan(position)))
            {
                throw new MalformedDataException(name, position, "other data follow the gzip data");
            }

            (int packedSize, int memberSize) = DecompressMember(packed, position, buffer.AsSpan(size), name);
            position += packedSize;
            size += memberSize;
            if (size > maximumBytes)
            {
                throw new MalformedDataException(name, -1, $"the gzip data unpack to more than {maximumBytes} bytes");
            }
        }
        while (packed.AsSpan(position).ContainsAnyExcept((byte)0));

        return buffer[..size];
    }

    /// <returns>
    /// How many bytes the member takes, and how many it made; the latter alone where the buffer is full.
    /// </returns>
    private static (int PackedSize, int Size) DecompressMember(byte[] packed, int start, Span<byte> buffer, string name)
    {
        int headerSize = GzipHeader.Measure(packed.AsSpan(start), name);
        using GzipSingleBytes data = new(packed, start + headerSize);
        int size = Inflate(data, buffer, name);
        if (size == buffer.Length)
        {
            return (data.Taken - start, size);
        }

        ReadOnlySpan<byte> trailer = packed.AsSpan(data.Taken);
        if (trailer.Length < TrailerSize)
        {
            throw new MalformedDataException(name, packed.Length, "the gzip data end early: they were cut off");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != Crc32.Append(0, buffer[..size])
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != (uint)size)
        {
            throw new MalformedDataException(name, data.Taken, "the gzip trailer's CRC32 or size does not match");
        }

        return (data.Taken + TrailerSize - start, size);
    }

    private static int Inflate(GzipSingleBytes data, Span<byte> buffer, string name)
    {
        using DeflateStream deflate = new(data, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return deflate.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new MalformedDataException(
                name, data.Taken,
                data.IsConsumed ? "the gzip data end early: they were cut off" : "the deflate data are corrupt", e);
        }
    }
}
