using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Fat32;

/// <summary>
/// The first sector of a volume: BIOS parameter block (fatgen103, "Boot Sector and BPB"). A copy stands in sector 6.
/// </summary>
internal readonly record struct Fat32BootSector
{
    public const int Size = 512;

    public const int FsInfoSector = 1;

    public const int BackupSector = 6;

    public required Fat32Geometry Geometry { get; init; }

    public required uint HiddenSectors { get; init; }

    public required uint RootCluster { get; init; }

    public required uint VolumeSerial { get; init; }

    /// <summary>Without the blanks that fill it up.</summary>
    public required string Label { get; init; }

    public void WriteTo(Span<byte> sector)
    {
        sector = sector[..Size];
        sector.Clear();
        ((ReadOnlySpan<byte>)[0xEB, 0x58, 0x90]).CopyTo(sector); // jump over the block, as readers expect
        "IMAGES  "u8.CopyTo(sector[3..]);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[11..], Fat32Geometry.SectorSize);
        sector[13] = (byte)Geometry.SectorsPerCluster;
        BinaryPrimitives.WriteUInt16LittleEndian(sector[14..], (ushort)Geometry.ReservedSectors);
        sector[16] = (byte)Geometry.FatCount;
        sector[21] = 0xF8; // fixed disk
        BinaryPrimitives.WriteUInt16LittleEndian(sector[24..], 63); // sectors per track and heads: nobody asks
        BinaryPrimitives.WriteUInt16LittleEndian(sector[26..], 255);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[28..], HiddenSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[32..], Geometry.TotalSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[36..], Geometry.FatSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[44..], RootCluster);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[48..], FsInfoSector);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[50..], BackupSector);
        sector[64] = 0x80; // first hard disk
        sector[66] = 0x29; // the three fields that follow are there
        BinaryPrimitives.WriteUInt32LittleEndian(sector[67..], VolumeSerial);
        sector[71..82].Fill((byte)' ');
        Encoding.ASCII.GetBytes(Label, sector[71..82]);
        "FAT32   "u8.CopyTo(sector[82..]);
        BinaryPrimitives.WriteUInt16LittleEndian(sector[510..], 0xAA55);
    }

    /// <exception cref="MalformedDataException">A rule of the boot sector is broken.</exception>
    public static Fat32BootSector Read(ReadOnlySpan<byte> sector, string file)
    {
        Require(BinaryPrimitives.ReadUInt16LittleEndian(sector[510..]) == 0xAA55, 510, "has no signature 0xAA55", file);
        Require(
            sector[..3].SequenceEqual((ReadOnlySpan<byte>)[0xEB, 0x58, 0x90]),
            0,
            "does not begin with a jump over the parameter block",
            file);
        Require(
            BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]) == Fat32Geometry.SectorSize,
            11,
            "has sectors of another size than 512 bytes",
            file);
        Require(
            sector[13] is not 0 && (sector[13] & (sector[13] - 1)) == 0,
            13,
            "has a number of sectors per cluster that is no power of two",
            file);
        Require(sector[16] == 2, 16, "does not have two FATs", file);
        Require(
            !sector[17..21].ContainsAnyExcept((byte)0) && sector[22] == 0 && sector[23] == 0,
            17,
            "uses fields of FAT12 and FAT16",
            file);
        Require(
            BinaryPrimitives.ReadUInt16LittleEndian(sector[48..]) == FsInfoSector,
            48,
            "does not have FSInfo in sector 1",
            file);
        Require(
            BinaryPrimitives.ReadUInt16LittleEndian(sector[50..]) == BackupSector,
            50,
            "does not have its copy in sector 6",
            file);
        Require(sector[82..90].SequenceEqual("FAT32   "u8), 82, "does not say FAT32", file);
        Fat32Geometry geometry = new()
        {
            TotalSectors = BinaryPrimitives.ReadUInt32LittleEndian(sector[32..]),
            SectorsPerCluster = sector[13],
            ReservedSectors = BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]),
            FatCount = sector[16],
            FatSectors = BinaryPrimitives.ReadUInt32LittleEndian(sector[36..]),
        };
        bool hasData = geometry.ReservedSectors > BackupSector
            && geometry.FatSectors < geometry.TotalSectors / 2
            && geometry.DataSector < geometry.TotalSectors;
        Require(
            hasData && geometry.Clusters is >= Fat32Geometry.MinimumClusters and <= Fat32Geometry.MaximumClusters,
            32,
            "has a number of clusters that FAT32 does not allow",
            file);
        Require(
            (ulong)geometry.FatSectors * 128 >= geometry.Clusters + 2UL,
            36,
            "has FATs too small for its clusters",
            file);
        return new Fat32BootSector
        {
            Geometry = geometry,
            HiddenSectors = BinaryPrimitives.ReadUInt32LittleEndian(sector[28..]),
            RootCluster = BinaryPrimitives.ReadUInt32LittleEndian(sector[44..]),
            VolumeSerial = BinaryPrimitives.ReadUInt32LittleEndian(sector[67..]),
            Label = Encoding.ASCII.GetString(sector[71..82]).TrimEnd(' '),
        };
    }

    private static void Require(bool kept, int offset, string rule, string file)
    {
        if (!kept)
        {
            throw new MalformedDataException(file, offset, $"the FAT32 boot sector {rule}.");
        }
    }
}
