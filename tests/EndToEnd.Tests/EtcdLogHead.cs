using System.Buffers.Binary;

namespace Images.EndToEnd.Tests;

/// <summary>
/// The first entry of etcd's write-ahead log that says whose log it is. A frame is a 64-bit length (its top byte tells
/// the padding) and a protobuf walpb.Record {type = 1, crc = 2, data = 3}; the record of type 1 holds etcdserverpb.Metadata
/// {NodeID = 1, ClusterID = 2}.
/// </summary>
internal readonly record struct EtcdLogHead(ulong MemberId, ulong ClusterId)
{
    private const ulong MetadataType = 1;
    private const int VarintWire = 0;
    private const int BytesWire = 2;

    public static EtcdLogHead Read(ReadOnlySpan<byte> log)
    {
        while (log.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(log);
            int length = (int)(word & 0x00FF_FFFF_FFFF_FFFF), padding = (int)(word >> 56) & 7;
            if (length == 0)
            {
                break;
            }

            (ulong type, byte[] data) = ReadFields(log.Slice(sizeof(ulong), length), first: 1, bytes: 3);
            if (type == MetadataType)
            {
                return new EtcdLogHead(ReadFields(data, first: 1, bytes: 0).First, ReadFields(data, first: 2, bytes: 0).First);
            }

            log = log[(sizeof(ulong) + length + padding)..];
        }

        throw new InvalidDataException("etcd's log does not say whose it is");
    }

    /// <summary>One number and one byte string of a message, by their field numbers.</summary>
    private static (ulong First, byte[] Bytes) ReadFields(ReadOnlySpan<byte> message, int first, int bytes)
    {
        ulong number = 0;
        byte[] text = [];
        while (message.Length > 0)
        {
            ulong tag = ReadVarint(ref message), value = ReadVarint(ref message);
            int field = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case VarintWire:
                    number = field == first ? value : number;
                    break;
                case BytesWire:
                    text = field == bytes ? message[..(int)value].ToArray() : text;
                    message = message[(int)value..];
                    break;
                default:
                    throw new InvalidDataException($"a field of wire type {tag & 7}");
            }
        }

        return (number, text);
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }
}
