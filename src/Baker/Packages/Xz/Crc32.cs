using System.Buffers.Binary;

namespace Images.Baker.Packages;

/// <summary>CRC-32 of IEEE 802.3 (xz file format §6), eight bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[][] _tables = MakeTables();

    /// <summary>The CRC of what <paramref name="crc"/> covers followed by <paramref name="data"/>; begin with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint[] t0 = _tables[0], t1 = _tables[1], t2 = _tables[2], t3 = _tables[3];
        uint[] t4 = _tables[4], t5 = _tables[5], t6 = _tables[6], t7 = _tables[7];
        crc = ~crc;
        while (data.Length >= 8)
        {
            ulong x = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = t7[x & 0xFF] ^ t6[(x >> 8) & 0xFF] ^ t5[(x >> 16) & 0xFF] ^ t4[(x >> 24) & 0xFF]
                ^ t3[(x >> 32) & 0xFF] ^ t2[(x >> 40) & 0xFF] ^ t1[(x >> 48) & 0xFF] ^ t0[x >> 56];
            data = data[8..];
        }

        foreach (byte b in data)
        {
            crc = t0[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[][] MakeTables()
    {
        uint[][] tables = new uint[8][];
        for (int table = 0; table < 8; table++)
        {
            tables[table] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint crc = table == 0 ? i : tables[table - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
                }

                tables[table][i] = crc;
            }
        }

        return tables;
    }
}
