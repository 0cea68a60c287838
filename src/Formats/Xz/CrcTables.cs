using System.Numerics;

namespace Images.Formats.Xz;

/// <summary>
/// Tables for a reflected CRC over eight bytes a step: table n holds what a byte with n zero bytes behind it comes to.
/// </summary>
internal static class CrcTables
{
    public const int Count = 8;

    /// <param name="polynomial">Reflected: the lowest bit stands for the highest power.</param>
    public static T[][] Make<T>(T polynomial)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        T[][] tables = new T[Count][];
        for (int table = 0; table < Count; table++)
        {
            tables[table] = new T[256];
            for (int i = 0; i < 256; i++)
            {
                T crc = table == 0 ? T.CreateChecked(i) : tables[table - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = T.IsOddInteger(crc) ? (crc >> 1) ^ polynomial : crc >> 1;
                }

                tables[table][i] = crc;
            }
        }

        return tables;
    }

    /// <summary>The CRC's inner value after the data, which may be of any length.</summary>
    public static T Append<T>(T[][] tables, T crc, ReadOnlySpan<byte> data)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        T[] t0 =
            tables[0], t1 =
                tables[1], t2 =
                    tables[2], t3 = tables[3], t4 = tables[4], t5 = tables[5], t6 = tables[6], t7 = tables[7];
        while (data.Length >= Count)
        {
            ulong x = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(data) ^ ulong.CreateTruncating(crc);
            crc = t7[x & 0xFF] ^ t6[(x >> 8) & 0xFF] ^ t5[(x >> 16) & 0xFF] ^ t4[(x >> 24) & 0xFF]
                ^ t3[(x >> 32) & 0xFF] ^ t2[(x >> 40) & 0xFF] ^ t1[(x >> 48) & 0xFF] ^ t0[x >> 56];
            data = data[Count..];
        }

        foreach (byte b in data)
        {
            crc = t0[(byte)(byte.CreateTruncating(crc) ^ b)] ^ (crc >> 8);
        }

        return crc;
    }
}
