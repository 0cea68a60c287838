using System.Buffers.Binary;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// One packet (RFC 9580, section 4). Lengths that come in parts or are not given are refused: keys and
/// signatures never need them.
/// </summary>
internal readonly record struct OpenPgpPacket(OpenPgpPacketTag Tag, ReadOnlyMemory<byte> Body, int Offset)
{
    private const int MaximumPackets = 4096;

    /// <param name="data">Packets, nothing else.</param>
    /// <param name="name">What errors call them.</param>
    /// <exception cref="MalformedDataException">A header or a length is broken.</exception>
    public static List<OpenPgpPacket> ReadAll(ReadOnlyMemory<byte> data, string name)
    {
        List<OpenPgpPacket> packets = [];
        int offset = 0;
        while (offset < data.Length)
        {
            (OpenPgpPacketTag tag, int header, long length) = ReadHeader(data.Span[offset..], name, offset);
            if (length > data.Length - offset - header)
            {
                throw new MalformedDataException(name, offset, "a packet goes beyond the end of the data");
            }

            if (packets.Count == MaximumPackets)
            {
                throw new MalformedDataException(name, offset, $"there are more than {MaximumPackets} packets");
            }

            packets.Add(new OpenPgpPacket(tag, data.Slice(offset + header, (int)length), offset));
            offset += header + (int)length;
        }

        return packets;
    }

    private static (OpenPgpPacketTag Tag, int Header, long Length) ReadHeader(
        ReadOnlySpan<byte> data, string name, int offset)
    {
        bool isNewFormat = (data[0] & 0x40) != 0;
        int tag = isNewFormat ? data[0] & 0x3F : (data[0] >> 2) & 0x0F;
        int lengthBytes = isNewFormat ? NewLengthBytes(data) : (data[0] & 3) switch { 0 => 1, 1 => 2, 2 => 4, _ => 0 };
        if ((data[0] & 0x80) == 0 || lengthBytes == 0 || data.Length < 1 + lengthBytes)
        {
            throw new MalformedDataException(name, offset, "this is not the header of a packet with a length");
        }

        ReadOnlySpan<byte> length = data.Slice(1, lengthBytes);
        long value = (isNewFormat, lengthBytes) switch
        {
            (_, 1) => length[0],
            (true, 2) => ((length[0] - 192) << 8) + length[1] + 192,
            (false, 2) => BinaryPrimitives.ReadUInt16BigEndian(length),
            (true, _) => BinaryPrimitives.ReadUInt32BigEndian(length[1..]),
            (false, _) => BinaryPrimitives.ReadUInt32BigEndian(length),
        };
        return ((OpenPgpPacketTag)tag, 1 + lengthBytes, value);
    }

    private static int NewLengthBytes(ReadOnlySpan<byte> data) => data.Length < 2 ? 0 : data[1] switch
    {
        < 192 => 1,
        < 224 => 2,
        255 => 5,
        _ => 0,
    };
}
