namespace Images.Formats.Fat32;

/// <summary>What a FAT32 volume needs beside its files.</summary>
internal sealed record Fat32Options
{
    /// <summary>A multiple of 512; at least 65,525 clusters (about 33 MiB), at most 2 TiB.</summary>
    public long SizeBytes { get; init; } = 512L << 20;

    /// <summary>1 to 11 characters of the short-name alphabet.</summary>
    public string Label { get; init; } = "ESP";

    /// <summary>
    /// The time of every entry, in seconds since 1970 UTC. FAT counts from 1980: an earlier time becomes 1980-01-01.
    /// </summary>
    public required long TimeUnixSeconds { get; init; }

    /// <summary>Sectors before the volume on its disk.</summary>
    public uint HiddenSectors { get; init; } = 2048;
}
