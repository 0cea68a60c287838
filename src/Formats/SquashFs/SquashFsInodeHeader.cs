using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>What every inode starts with.</summary>
internal readonly record struct SquashFsInodeHeader
{
    public const int Size = 16;

    public required SquashFsInodeType Type { get; init; }

    /// <summary>The 12 permission bits.</summary>
    public required ushort Mode { get; init; }

    /// <summary>Index into the id table.</summary>
    public required ushort UidIndex { get; init; }

    public required ushort GidIndex { get; init; }

    public required uint ModifiedUnixSeconds { get; init; }

    public required uint InodeNumber { get; init; }

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)Type);
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], Mode);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], UidIndex);
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], GidIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], ModifiedUnixSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], InodeNumber);
    }

    public static SquashFsInodeHeader Read(ReadOnlySpan<byte> source) => new()
    {
        Type = (SquashFsInodeType)BinaryPrimitives.ReadUInt16LittleEndian(source),
        Mode = BinaryPrimitives.ReadUInt16LittleEndian(source[2..]),
        UidIndex = BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
        GidIndex = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
        ModifiedUnixSeconds = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        InodeNumber = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
    };
}
