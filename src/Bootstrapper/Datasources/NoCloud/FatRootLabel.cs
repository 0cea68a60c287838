using System.Buffers.Binary;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// The volume label that stands as an entry in the root directory of a FAT volume. Tools that label a volume anew may
/// write it alone, so it counts before the one in the boot sector, as it does for blkid.
/// </summary>
internal static class FatRootLabel
{
    private const int EntrySize = 32;
    private const int AttributesOffset = 11;
    private const byte VolumeLabelAttribute = 0x08;
    private const byte DirectoryAttribute = 0x10;
    private const byte LongNameAttributes = 0x0F;
    private const byte DeletedEntry = 0xE5;
    private const uint FirstCluster = 2;
    private const uint EndOfChain = 0x0FFF_FFF8;

    /// <summary>A label stands among the first entries; the medium may be broken, and its chain a ring.</summary>
    private const int MostClusters = 64;
    private const int MostBytes = 1 << 20;

    /// <summary>Eleven bytes, padded with blanks; null when there is no such entry.</summary>
    public static byte[]? Find(Stream volume, FatLayout layout) =>
        layout.BytesPerSector is < FatLayout.SectorSize or > 4096 || layout.SectorsPerCluster == 0 ? null
        : layout.IsFat32 ? FindInChain(volume, layout)
        : Search(volume, layout.AfterTables, layout.RootEntries * EntrySize).Label;

    private static byte[]? FindInChain(Stream volume, FatLayout layout)
    {
        uint cluster = layout.RootCluster;
        for (int count = 0; count < MostClusters && cluster is >= FirstCluster and < EndOfChain; count++)
        {
            long offset = layout.AfterTables + ((long)(cluster - FirstCluster) * layout.ClusterBytes);
            (byte[]? label, bool ends) = Search(volume, offset, layout.ClusterBytes);
            if (label is not null || ends)
            {
                return label;
            }

            cluster = Next(volume, layout, cluster);
        }

        return null;
    }

    private static uint Next(Stream volume, FatLayout layout, uint cluster)
    {
        byte[] entry = new byte[4];
        return TryRead(volume, layout.TableOffset + (4L * cluster), entry)
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

        for (int start = 0; start + EntrySize <= entries.Length; start += EntrySize)
        {
            Span<byte> entry = entries.AsSpan(start, EntrySize);
            if (entry[0] == 0)
            {
                return (null, true);
            }

            byte attributes = entry[AttributesOffset];
            if (entry[0] != DeletedEntry && (attributes & LongNameAttributes) != LongNameAttributes
                && (attributes & (VolumeLabelAttribute | DirectoryAttribute)) == VolumeLabelAttribute)
            {
                return (entry[..AttributesOffset].ToArray(), true);
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
