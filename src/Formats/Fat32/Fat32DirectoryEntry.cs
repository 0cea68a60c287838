using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Fat32;

/// <summary>A short directory entry (fatgen103, "FAT Directory Structure").</summary>
internal readonly record struct Fat32DirectoryEntry
{
    public const int Size = 32;

    /// <summary>11 characters: eight of the name, three of the extension, each filled up with blanks.</summary>
    public required string ShortName { get; init; }

    public required Fat32Attributes Attributes { get; init; }

    /// <summary>
    /// Windows NT's: 0x08 the name, 0x10 the extension is meant in lower case. We write 0 and a long name instead.
    /// </summary>
    public byte CaseFlags { get; init; }

    /// <summary>Of creation, access and change alike.</summary>
    public required Fat32Time Time { get; init; }

    /// <summary>0 for an empty file and for ".." of a folder in the root.</summary>
    public required uint FirstCluster { get; init; }

    /// <summary>0 for folders.</summary>
    public required uint FileSize { get; init; }

    public void WriteTo(Span<byte> entry)
    {
        entry = entry[..Size];
        entry.Clear();
        Encoding.ASCII.GetBytes(ShortName, entry);
        entry[11] = (byte)Attributes;
        entry[12] = CaseFlags;
        entry[13] = Time.Hundredths;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], Time.Time);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], Time.Date);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], Time.Date);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[20..], (ushort)(FirstCluster >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[22..], Time.Time);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[24..], Time.Date);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[26..], (ushort)(FirstCluster & 0xFFFF));
        BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], FileSize);
    }

    /// <summary>The time is that of the last change.</summary>
    public static Fat32DirectoryEntry Read(ReadOnlySpan<byte> entry) => new()
    {
        ShortName = Encoding.Latin1.GetString(entry[..11]),
        Attributes = (Fat32Attributes)entry[11],
        CaseFlags = entry[12],
        Time = new Fat32Time
        {
            Date = BinaryPrimitives.ReadUInt16LittleEndian(entry[24..]),
            Time = BinaryPrimitives.ReadUInt16LittleEndian(entry[22..]),
        },
        FirstCluster = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(entry[20..]) << 16)
            | BinaryPrimitives.ReadUInt16LittleEndian(entry[26..]),
        FileSize = BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]),
    };
}
