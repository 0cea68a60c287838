using System.Buffers.Binary;
using Images.Formats;

namespace Images.Baker.Zstd;

/// <summary>The header of a frame (RFC 8878, section 3.1.1.1), as far as it says what the frame will need.</summary>
/// <param name="Bytes">The header as it stands, the magic number with it.</param>
/// <param name="WindowSize">Bytes that the decoder must keep.</param>
/// <param name="ContentSize">Null where the header does not say it.</param>
/// <param name="HasChecksum">Whether four bytes of XXH64 follow the last block.</param>
internal sealed record ZstdFrameHeader(byte[] Bytes, long WindowSize, long? ContentSize, bool HasChecksum)
{
    public const uint Magic = 0xFD2FB528;

    /// <summary>
    /// The window of "zstd --ultra -22", and what libzstd takes unless it is told otherwise. dpkg's -19 makes 8 MiB.
    /// </summary>
    public const long MaximumWindow = 128 << 20;

    private const int MagicSize = 4;
    private const int LargestSize = 18;

    /// <summary>A block makes at most this, and not more than a window.</summary>
    public int MaximumBlock => (int)Math.Min(WindowSize, 128 << 10);

    /// <summary>Reads on behind the magic number.</summary>
    /// <exception cref="MalformedDataException">The header is cut short, reserved, or asks for too much.</exception>
    public static ZstdFrameHeader Read(ZstdInput input)
    {
        Span<byte> header = stackalloc byte[LargestSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        int end = MagicSize;
        byte descriptor = Take(header, 1)[0];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        if ((descriptor & 0x08) != 0)
        {
            throw input.Malformed("a frame's header has a reserved bit set");
        }

        long window = isSingleSegment ? 0 : WindowOf(Take(header, 1)[0]);
        Span<byte> dictionary = Take(header, (descriptor & 3) switch { 3 => 4, int plain => plain });
        if (dictionary.ContainsAnyExcept((byte)0))
        {
            throw input.Malformed("a frame needs a dictionary, and none is known");
        }

        Span<byte> sizeField = Take(
            header, (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, int log => 1 << log });
        ulong? size = sizeField.Length switch
        {
            0 => null,
            1 => sizeField[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(sizeField) + 256UL,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(sizeField),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(sizeField),
        };
        if (size > ZstdStream.MaximumSize)
        {
            throw input.Malformed($"a frame holds {size} bytes; at most {ZstdStream.MaximumSize} are read");
        }

        window = isSingleSegment ? (long)size! : window;
        return window <= MaximumWindow
            ? new ZstdFrameHeader(header[..end].ToArray(), window, (long?)size, (descriptor & 0x04) != 0)
            : throw input.Malformed($"a frame needs a window of {window} bytes; at most {MaximumWindow} are supported");

        Span<byte> Take(Span<byte> place, int count)
        {
            Span<byte> taken = place.Slice(end, count);
            input.ReadExactly(taken);
            end += count;
            return taken;
        }
    }

    private static long WindowOf(byte descriptor)
    {
        long power = 1L << (10 + (descriptor >> 3));
        return power + (power / 8 * (descriptor & 7));
    }
}
