using System.Buffers.Binary;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// Where the root directory of a FAT volume lies. Field names are those of Microsoft's FAT specification.
/// </summary>
internal readonly record struct FatLayout
{
    public const int SectorSize = 512;

    public required bool IsFat32 { get; init; }

    /// <summary>BS_VolLab, the label in the boot sector.</summary>
    public required byte[] BootLabel { get; init; }

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
    public long AfterTables => checked((long)((ReservedSectors + TableSectors) * BytesPerSector));

    public uint ClusterBytes => SectorsPerCluster * BytesPerSector;

    /// <summary>Null when the sector does not begin a FAT volume.</summary>
    public static FatLayout? Read(ReadOnlySpan<byte> sector)
    {
        bool isFat32 = sector[82..].StartsWith("FAT32   "u8);
        bool isOlder = sector[54..].StartsWith("FAT1"u8) || sector[54..].StartsWith("FAT     "u8);
        if (sector[510] != 0x55 || sector[511] != 0xAA || !(isFat32 || isOlder))
        {
            return null;
        }

        uint tableSize = BinaryPrimitives.ReadUInt16LittleEndian(sector[22..]);
        return new FatLayout
        {
            IsFat32 = isFat32,
            BootLabel = sector.Slice(isFat32 ? 71 : 43, 11).ToArray(),
            BytesPerSector = BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]),
            SectorsPerCluster = sector[13],
            ReservedSectors = BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]),
            TableSectors = sector[16] * (ulong)(isFat32 && tableSize == 0
                ? BinaryPrimitives.ReadUInt32LittleEndian(sector[36..])
                : tableSize),
            RootEntries = BinaryPrimitives.ReadUInt16LittleEndian(sector[17..]),
            RootCluster = isFat32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[44..]) & 0x0FFF_FFFF : 0,
        };
    }
}
