using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Udf;

/// <summary>
/// The label of a UDF disc (ECMA-167 3; OSTA UDF 2.60 2.2): the logical volume identifier, as blkid has it. Discs have
/// sectors of 2048 bytes; those of other sizes are not known here.
/// </summary>
internal static class UdfVolumeLabel
{
    private const int SectorSize = 2048;
    private const int FirstRecognition = 16;
    private const int MostSectors = 16;
    private const int Anchor = 256;
    private const ushort AnchorTag = 2;
    private const ushort LogicalVolumeTag = 6;
    private const ushort TerminatorTag = 8;

    /// <summary>Null when the stream does not hold UDF; empty when its label cannot be found.</summary>
    public static string? Read(Stream volume)
    {
        byte[] sector = new byte[SectorSize];
        if (!IsUdf(volume, sector))
        {
            return null;
        }

        if (!TryRead(volume, Anchor, sector) || Tag(sector) != AnchorTag)
        {
            return "";
        }

        uint first = BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(20)); // main volume descriptor sequence
        for (uint index = 0; index < MostSectors && TryRead(volume, first + (long)index, sector); index++)
        {
            switch (Tag(sector))
            {
                case LogicalVolumeTag:
                    return Text(sector.AsSpan(84, 128));
                case TerminatorTag:
                    return "";
            }
        }

        return "";
    }

    /// <summary>The volume recognition sequence holds NSR02 or NSR03, whatever stands before it.</summary>
    private static bool IsUdf(Stream volume, byte[] sector)
    {
        for (int index = 0; index < MostSectors && TryRead(volume, FirstRecognition + index, sector); index++)
        {
            if (sector.AsSpan(1).StartsWith("NSR02"u8) || sector.AsSpan(1).StartsWith("NSR03"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static ushort Tag(byte[] sector) => BinaryPrimitives.ReadUInt16LittleEndian(sector);

    /// <summary>
    /// A dstring: how its characters are written, the characters, and at the end how many bytes count.
    /// </summary>
    private static string Text(ReadOnlySpan<byte> field)
    {
        int length = Math.Clamp((int)field[^1], 1, field.Length - 1);
        ReadOnlySpan<byte> characters = field[1..length];
        return field[0] switch
        {
            8 => Encoding.Latin1.GetString(characters),
            16 => Encoding.BigEndianUnicode.GetString(characters),
            _ => "",
        };
    }

    private static bool TryRead(Stream volume, long sectorNumber, byte[] sector)
    {
        volume.Position = sectorNumber * SectorSize;
        return volume.ReadAtLeast(sector, sector.Length, throwOnEndOfStream: false) == sector.Length;
    }
}
