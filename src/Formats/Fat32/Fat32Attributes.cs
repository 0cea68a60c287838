namespace Images.Formats.Fat32;

[Flags]
internal enum Fat32Attributes : byte
{
    None = 0,
    ReadOnly = 0x01,
    Hidden = 0x02,
    System = 0x04,
    VolumeLabel = 0x08,
    Directory = 0x10,
    Archive = 0x20,

    /// <summary>All of the first four at once marks a piece of a long name.</summary>
    LongName = 0x0F,
}
