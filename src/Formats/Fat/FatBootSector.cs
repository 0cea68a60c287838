using System.Buffers.Binary;
using System.Numerics;

namespace Images.Formats.Fat;

/// <summary>
/// The first sector of a FAT12, FAT16 or FAT32 volume that anybody made, and where its root directory lies. Field names
/// are those of Microsoft's specification (fatgen103), which lets nothing but the parameter block decide what a volume
/// is: neither the text "FAT16" nor the signature 0xAA55 need stand there, and Linux asks for neither.
/// </summary>
internal readonly record struct FatBootSector
{
    public const int Size = 512;

    private const int EntrySize = 32;

    public required bool IsFat32 { get; init; }

    /// <summary>BS_VolLab, eleven bytes.</summary>
    public required byte[] Label { get; init; }

    public required uint BytesPerSector { get; init; }

    public required uint SectorsPerCluster { get; init; }

    public required uint ReservedSectors { get; init; }

    /// <summary>Of all copies of the table together.</summary>
    public required ulong TableSectors { get; init; }

    /// <summary>FAT12 and FAT16 only: their root directory has a fixed size.</summary>
    public required uint RootEntries { get; init; }

    /// <summary>FAT32 only.</summary>
    public required uint RootCluster { get; init; }

    public long TableOffset => (long)ReservedSectors * BytesPerSector;

    /// <summary>FAT12 and FAT16: the root directory. FAT32: cluster 2.</summary>
    public long AfterTables => (long)((ReservedSectors + TableSectors) * BytesPerSector);

    public uint RootBytes => RootEntries * EntrySize;

    public uint ClusterBytes => SectorsPerCluster * BytesPerSector;

    /// <summary>Null when the sector does not begin a FAT volume.</summary>
    public static FatBootSector? Read(ReadOnlySpan<byte> sector)
    {
        uint bytesPerSector = BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]);
        uint sectorsPerCluster = sector[13];
        uint reservedSectors = BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]);
        byte tables = sector[16];
        byte medium = sector[21];

        // what Linux (fs/fat/inode.c, fat_read_bpb) and blkid ask for
        bool isFat = bytesPerSector is >= 512 and <= 4096
            && BitOperations.IsPow2(bytesPerSector)
            && BitOperations.IsPow2(sectorsPerCluster)
            && reservedSectors > 0
            && tables > 0
            && medium is 0xF0 or >= 0xF8;

        // BPB_FATSz16 is zero where BPB_FATSz32 counts, which only FAT32 has
        uint tableSectors = BinaryPrimitives.ReadUInt16LittleEndian(sector[22..]);
        bool isFat32 = tableSectors == 0;
        tableSectors = isFat32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[36..]) : tableSectors;
        if (!isFat || tableSectors == 0)
        {
            return null;
        }

        return new FatBootSector
        {
            IsFat32 = isFat32,
            Label = sector.Slice(isFat32 ? 71 : 43, 11).ToArray(),
            BytesPerSector = bytesPerSector,
            SectorsPerCluster = sectorsPerCluster,
            ReservedSectors = reservedSectors,
            TableSectors = tables * (ulong)tableSectors,
            RootEntries = BinaryPrimitives.ReadUInt16LittleEndian(sector[17..]),
            RootCluster = isFat32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[44..]) & 0x0FFF_FFFF : 0,
        };
    }
}
