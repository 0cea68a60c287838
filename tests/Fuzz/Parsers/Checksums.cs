using System.Buffers.Binary;
using System.Text;
using Images.Formats.Gpt;

namespace Images.Fuzz.Parsers;

/// <summary>Makes the checksums of changed bytes fit again.</summary>
internal static class Checksums
{
    private const int TarBlock = 512;
    private const int Sector = 512;
    private const int GptHeaderSize = 92;

    /// <summary>Of whatever still looks like a header.</summary>
    public static void RepairTar(byte[] archive)
    {
        for (int at = 0; at + TarBlock <= archive.Length; at += TarBlock)
        {
            Span<byte> header = archive.AsSpan(at, TarBlock);
            if (header[257..].StartsWith("ustar"u8))
            {
                header[148..156].Fill((byte)' ');
                int sum = 0;
                foreach (byte value in header)
                {
                    sum += value;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0").CopyTo(header[148..]);
            }
        }
    }

    /// <summary>Of both headers, and in them of the entries where these lie on the disk.</summary>
    public static void RepairGpt(byte[] disk)
    {
        if (disk.Length < 68 * Sector)
        {
            return;
        }

        foreach (int at in (int[])[Sector, (disk.Length / Sector * Sector) - Sector])
        {
            Span<byte> header = disk.AsSpan(at, GptHeaderSize);
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(header[72..]);
            ulong size = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(header[80..]) * BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
            if (first < (ulong)(disk.Length / Sector) && size <= (ulong)disk.Length - (first * Sector))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(header[88..], GptCrc32.Compute(disk.AsSpan((int)first * Sector, (int)size)));
            }

            header[16..20].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], GptCrc32.Compute(header));
        }
    }
}
