using System.Buffers.Binary;

namespace Images.Formats.Xz;

/// <summary>
/// The index of an xz stream (xz file format §4). An index has exactly one encoding, so the one that belongs to the
/// decoded blocks is encoded and compared with what is stored.
/// </summary>
internal sealed class XzIndex
{
    private readonly List<(long UnpaddedSize, long UncompressedSize)> _blocks = [];

    public void Add(long unpaddedSize, long uncompressedSize) => _blocks.Add((unpaddedSize, uncompressedSize));

    /// <summary>Reads the index whose indicator byte was taken already, and returns its size in bytes.</summary>
    public long ReadAndVerify(XzInput input)
    {
        byte[] expected = Encode();
        for (int i = 1; i < expected.Length; i++)
        {
            if (input.ReadByte() != expected[i])
            {
                throw input.Malformed("the index does not agree with the blocks");
            }
        }

        return expected.Length;
    }

    private byte[] Encode()
    {
        List<byte> index = [0x00];
        AppendInteger(index, _blocks.Count);
        foreach ((long unpaddedSize, long uncompressedSize) in _blocks)
        {
            AppendInteger(index, unpaddedSize);
            AppendInteger(index, uncompressedSize);
        }

        while (index.Count % 4 != 0)
        {
            index.Add(0);
        }

        byte[] encoded = new byte[index.Count + 4];
        index.CopyTo(encoded);
        BinaryPrimitives.WriteUInt32LittleEndian(
            encoded.AsSpan(index.Count), Crc32.Append(0, encoded.AsSpan(0, index.Count)));
        return encoded;
    }

    private static void AppendInteger(List<byte> index, long value)
    {
        while (value >= 0x80)
        {
            index.Add((byte)(0x80 | (value & 0x7F)));
            value >>= 7;
        }

        index.Add((byte)value);
    }
}
