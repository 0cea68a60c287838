using System.Buffers.Binary;

namespace Images.Formats.Iso9660;

/// <summary>
/// The primary volume descriptor (ECMA-119 8.4), or the supplementary one that Joliet uses (8.5): the same fields.
/// </summary>
internal readonly record struct Iso9660VolumeDescriptor
{
    public const int Size = 2048;

    private const int LogicalBlockSize = 2048;

    public required bool Joliet { get; init; }

    public required string VolumeLabel { get; init; }

    public required uint TotalSectors { get; init; }

    public required uint PathTableBytes { get; init; }

    public required uint LittleEndianPathTableSector { get; init; }

    public required uint BigEndianPathTableSector { get; init; }

    public required Iso9660DirectoryRecord Root { get; init; }

    public required long TimeUnixSeconds { get; init; }

    /// <summary>The set terminator (8.3) that follows the last descriptor.</summary>
    public static void WriteTerminatorTo(Span<byte> sector) => WriteStart(sector[..Size], type: 255);

    public void WriteTo(Span<byte> sector)
    {
        sector = sector[..Size];
        WriteStart(sector, (byte)(Joliet ? 2 : 1));
        Iso9660Field.WriteText(sector[8..40], "", Joliet); // system
        Iso9660Field.WriteText(sector[40..72], VolumeLabel, Joliet);
        Iso9660Field.WriteBoth32(sector[80..], TotalSectors);
        if (Joliet)
        {
            "%/E"u8.CopyTo(sector[88..]); // UCS-2 level 3
        }

        Iso9660Field.WriteBoth16(sector[120..], 1); // volumes in the set
        Iso9660Field.WriteBoth16(sector[124..], 1); // number of this one
        Iso9660Field.WriteBoth16(sector[128..], LogicalBlockSize);
        Iso9660Field.WriteBoth32(sector[132..], PathTableBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[140..], LittleEndianPathTableSector);
        BinaryPrimitives.WriteUInt32BigEndian(sector[148..], BigEndianPathTableSector);
        Root.WriteTo(sector[156..]);
        Iso9660Field.WriteText(sector[190..318], "", Joliet); // volume set
        Iso9660Field.WriteText(sector[318..446], "", Joliet); // publisher
        Iso9660Field.WriteText(sector[446..574], "", Joliet); // preparer
        Iso9660Field.WriteText(sector[574..702], "IMAGES", Joliet); // application
        Iso9660Field.WriteText(sector[702..739], "", Joliet); // copyright, abstract and bibliography files
        Iso9660Field.WriteText(sector[739..776], "", Joliet);
        Iso9660Field.WriteText(sector[776..813], "", Joliet);
        Iso9660Field.WriteLongDate(sector[813..], TimeUnixSeconds); // created
        Iso9660Field.WriteLongDate(sector[830..], TimeUnixSeconds); // modified
        Iso9660Field.WriteNoDate(sector[847..]); // expires
        Iso9660Field.WriteLongDate(sector[864..], TimeUnixSeconds); // effective
        sector[881] = 1; // structure version
    }

    /// <summary>Whether the sector is a primary volume descriptor (8.4), by its type and identifier.</summary>
    public static bool IsPrimary(ReadOnlySpan<byte> sector) => sector[0] == 1 && sector[1..].StartsWith("CD001"u8);

    /// <summary>The volume identifier of a primary descriptor (8.4.7), padded with blanks.</summary>
    public static ReadOnlySpan<byte> Label(ReadOnlySpan<byte> sector) => sector[40..72];

    private static void WriteStart(Span<byte> sector, byte type)
    {
        sector.Clear();
        sector[0] = type;
        "CD001"u8.CopyTo(sector[1..]);
        sector[6] = 1;
    }
}
