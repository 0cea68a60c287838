using System.Buffers.Binary;
using System.Text;
using Images.Formats.Fat32;

namespace Images.Formats.Fat;

/// <summary>
/// The label of a FAT volume of any size and maker. Tools that label a volume anew may write the entry in the root
/// directory alone, so it counts before the one in the boot sector, as it does for blkid.
/// </summary>
internal static class FatVolumeLabel
{
    private const byte DeletedEntry = 0xE5;
    private const uint FirstCluster = 2;
    private const uint EndOfChain = 0x0FFF_FFF8;

    /// <summary>A label stands among the first entries; the medium may be broken, and its chain a ring.</summary>
    private const int MostClusters = 64;
    private const int MostBytes = 1 << 20;

    /// <summary>Null when the stream holds no FAT volume; empty when it has no label.</summary>
    public static string? Read(Stream volume)
    {
        byte[] sector = new byte[FatBootSector.Size];
        return TryRead(volume, 0, sector) && FatBootSector.Read(sector) is { } boot
            ? Encoding.ASCII.GetString(InRoot(volume, boot) ?? boot.Label).TrimEnd(' ', '\0')
            : null;
    }

    /// <summary>Eleven bytes, padded with blanks; null when there is no such entry.</summary>
    private static byte[]? InRoot(Stream volume, FatBootSector boot) =>
        boot.IsFat32 ? InChain(volume, boot) : Search(volume, boot.AfterTables, boot.RootBytes).Label;

    private static byte[]? InChain(Stream volume, FatBootSector boot)
    {
        uint cluster = boot.RootCluster;
        for (int count = 0; count < MostClusters && cluster is >= FirstCluster and < EndOfChain; count++)
        {
            long offset = boot.AfterTables + ((long)(cluster - FirstCluster) * boot.ClusterBytes);
            (byte[]? label, bool ends) = Search(volume, offset, boot.ClusterBytes);
            if (label is not null || ends)
            {
                return label;
            }

            cluster = Next(volume, boot, cluster);
        }

        return null;
    }

    private static uint Next(Stream volume, FatBootSector boot, uint cluster)
    {
        byte[] entry = new byte[4];
        return TryRead(volume, boot.TableOffset + (4L * cluster), entry)
            ? BinaryPrimitives.ReadUInt32LittleEndian(entry) & 0x0FFF_FFFF
            : EndOfChain;
    }

    private static (byte[]? Label, bool Ends) Search(Stream volume, long offset, uint length)
    {
        byte[] entries = new byte[Math.Min(length, MostBytes)];
        if (!TryRead(volume, offset, entries))
        {
            return (null, true);
        }

        for (int start = 0; start + Fat32DirectoryEntry.Size <= entries.Length; start += Fat32DirectoryEntry.Size)
        {
            Span<byte> entry = entries.AsSpan(start, Fat32DirectoryEntry.Size);
            if (entry[0] == 0)
            {
                return (null, true);
            }

            Fat32Attributes attributes = Fat32DirectoryEntry.Read(entry).Attributes;
            if (entry[0] != DeletedEntry
                && (attributes & Fat32Attributes.LongName) != Fat32Attributes.LongName
                && (attributes & (Fat32Attributes.VolumeLabel | Fat32Attributes.Directory))
                    == Fat32Attributes.VolumeLabel)
            {
                return (entry[..11].ToArray(), true);
            }
        }

        return (null, false);
    }

    private static bool TryRead(Stream volume, long offset, byte[] buffer)
    {
        volume.Position = offset;
        return volume.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length;
    }
}
