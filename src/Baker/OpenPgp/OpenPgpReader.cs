using System.Buffers.Binary;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>Takes fields off the front of a packet's body; every length is checked against what is left.</summary>
internal ref struct OpenPgpReader(ReadOnlySpan<byte> body, string name, int offset)
{
    private const int MaximumMpiBits = 16384;
    private readonly ReadOnlySpan<byte> _body = body;
    private int _position;

    public readonly bool AtEnd => _position == _body.Length;

    public readonly int Position => _position;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _body.Length - _position)
        {
            throw new MalformedDataException(name, offset + _position, "a field goes beyond the end of its packet");
        }

        ReadOnlySpan<byte> bytes = _body.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>A number without leading zero bytes (RFC 9580, section 3.2).</summary>
    public ReadOnlySpan<byte> Mpi()
    {
        int bits = UInt16();
        return bits <= MaximumMpiBits
            ? Bytes((bits + 7) / 8).TrimStart((byte)0)
            : throw new MalformedDataException(
                name, offset + _position, $"a number has more than {MaximumMpiBits} bits");
    }
}
