using System.Buffers.Binary;

namespace Images.Formats.Fat32;

/// <summary>Sector 1 of a volume: what is free, as a hint (fatgen103, "FAT32 FSInfo Sector Structure").</summary>
internal readonly record struct Fat32FsInfo
{
    public const int Size = 512;

    public required uint FreeClusters { get; init; }

    public required uint NextFreeCluster { get; init; }

    public void WriteTo(Span<byte> sector)
    {
        sector = sector[..Size];
        sector.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(sector, 0x41615252);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[484..], 0x61417272);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[488..], FreeClusters);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[492..], NextFreeCluster);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[508..], 0xAA550000);
    }

    /// <exception cref="MalformedDataException">One of the three signatures is missing.</exception>
    public static Fat32FsInfo Read(ReadOnlySpan<byte> sector, string file)
    {
        bool signed = BinaryPrimitives.ReadUInt32LittleEndian(sector) == 0x41615252
            && BinaryPrimitives.ReadUInt32LittleEndian(sector[484..]) == 0x61417272
            && BinaryPrimitives.ReadUInt32LittleEndian(sector[508..]) == 0xAA550000;
        return signed
            ? new Fat32FsInfo
            {
                FreeClusters = BinaryPrimitives.ReadUInt32LittleEndian(sector[488..]),
                NextFreeCluster = BinaryPrimitives.ReadUInt32LittleEndian(sector[492..]),
            }
            : throw new MalformedDataException(
                file, Fat32Geometry.SectorSize, "the FAT32 FSInfo sector lacks one of its three signatures.");
    }
}
