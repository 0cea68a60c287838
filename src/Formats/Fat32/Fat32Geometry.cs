namespace Images.Formats.Fat32;

/// <summary>Where the parts of a volume of a given size lie. Sectors of 512 bytes.</summary>
internal readonly record struct Fat32Geometry
{
    public const int SectorSize = 512;

    /// <summary>Clusters are counted from 2.</summary>
    public const uint FirstCluster = 2;

    /// <summary>Fewer and a reader takes the volume for FAT16, whatever it says about itself.</summary>
    public const uint MinimumClusters = 65525;

    /// <summary>Values from 0x0FFFFFF7 on are marks, not clusters.</summary>
    public const uint MaximumClusters = 0x0FFFFFF5;

    public required uint TotalSectors { get; init; }

    public required uint SectorsPerCluster { get; init; }

    public required uint ReservedSectors { get; init; }

    public required uint FatCount { get; init; }

    public required uint FatSectors { get; init; }

    public int ClusterSize => (int)SectorsPerCluster * SectorSize;

    public uint DataSector => ReservedSectors + (FatCount * FatSectors);

    public uint Clusters => (TotalSectors - DataSector) / SectorsPerCluster;

    public long ClusterOffset(uint cluster) =>
        (DataSector + ((long)(cluster - FirstCluster) * SectorsPerCluster)) * SectorSize;

    public long FatOffset(uint fat) => (ReservedSectors + ((long)fat * FatSectors)) * SectorSize;

    /// <exception cref="ContentException">FAT32 has no volumes of that size.</exception>
    public static Fat32Geometry For(long sizeBytes)
    {
        if (sizeBytes is <= 0 or > (long)uint.MaxValue * SectorSize || sizeBytes % SectorSize != 0)
        {
            throw Refuse(sizeBytes);
        }

        uint totalSectors = (uint)(sizeBytes / SectorSize);
        uint perCluster = SectorsPerClusterFor(sizeBytes);
        // each FAT sector describes 128 clusters; the FAT also holds the two entries before the first cluster
        ulong remaining = totalSectors - Math.Min(totalSectors, 32u);
        ulong fatSectors = ((remaining / perCluster) + 2 + 127) / 128;
        fatSectors = (fatSectors + 7) / 8 * 8; // so that data begins on a multiple of 4 KiB
        if (32 + (2 * fatSectors) >= totalSectors)
        {
            throw Refuse(sizeBytes);
        }

        Fat32Geometry geometry = new()
        {
            TotalSectors = totalSectors,
            SectorsPerCluster = perCluster,
            ReservedSectors = 32,
            FatCount = 2,
            FatSectors = (uint)fatSectors,
        };
        return geometry.Clusters is >= MinimumClusters and <= MaximumClusters ? geometry : throw Refuse(sizeBytes);
    }

    /// <summary>The table of the FAT specification (fatgen103, "FAT Volume Initialization").</summary>
    private static uint SectorsPerClusterFor(long sizeBytes) => (sizeBytes / SectorSize) switch
    {
        <= 532480 => 1, // up to 260 MiB
        <= 16777216 => 8, // up to 8 GiB
        <= 33554432 => 16,
        <= 67108864 => 32,
        _ => 64,
    };

    private static ContentException Refuse(long sizeBytes) => new(
        "BAKE0510",
        "sizes.esp",
        $"{sizeBytes} bytes is no size for a FAT32 volume.",
        "Give a multiple of 1 MiB from 34 MiB to 2 TiB.");
}
