using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Uki;

/// <summary>One row of a PE file's section table (PE format, "Section Table").</summary>
internal readonly record struct PeSectionHeader
{
    public const int Size = 40;

    /// <summary>At most 8 ASCII characters.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of content, without the filling up to the file alignment.</summary>
    public required uint VirtualSize { get; init; }

    public required uint VirtualAddress { get; init; }

    public required uint RawSizeBytes { get; init; }

    public required uint RawOffset { get; init; }

    public required PeSectionFlags Flags { get; init; }

    public static PeSectionHeader Read(ReadOnlySpan<byte> row) => new()
    {
        Name = Encoding.ASCII.GetString(row[..8]).TrimEnd('\0'),
        VirtualSize = BinaryPrimitives.ReadUInt32LittleEndian(row[8..]),
        VirtualAddress = BinaryPrimitives.ReadUInt32LittleEndian(row[12..]),
        RawSizeBytes = BinaryPrimitives.ReadUInt32LittleEndian(row[16..]),
        RawOffset = BinaryPrimitives.ReadUInt32LittleEndian(row[20..]),
        Flags = (PeSectionFlags)BinaryPrimitives.ReadUInt32LittleEndian(row[36..]),
    };

    public void WriteTo(Span<byte> row)
    {
        row[..Size].Clear();
        Encoding.ASCII.GetBytes(Name, row[..8]);
        BinaryPrimitives.WriteUInt32LittleEndian(row[8..], VirtualSize);
        BinaryPrimitives.WriteUInt32LittleEndian(row[12..], VirtualAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(row[16..], RawSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(row[20..], RawOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(row[36..], (uint)Flags);
    }
}
