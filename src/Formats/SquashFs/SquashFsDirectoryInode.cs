using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>A directory's inode after the common header; in the extended form the index follows it.</summary>
internal readonly record struct SquashFsDirectoryInode
{
    public const int BasicSize = 16;
    public const int ExtendedSize = 24;

    /// <summary>The metadata block in the directory table where the listing starts, relative to that table.</summary>
    public required uint StartBlock { get; init; }

    /// <summary>Where in that block, uncompressed, the listing starts.</summary>
    public required ushort Offset { get; init; }

    /// <summary>Two, and one for each subdirectory.</summary>
    public required uint LinkCount { get; init; }

    /// <summary>Bytes of the listing plus <see cref="SquashFsConstants.DirectorySizeBias"/>.</summary>
    public required uint FileSize { get; init; }

    public required uint ParentInodeNumber { get; init; }

    public ushort IndexCount { get; init; }

    public uint Xattr { get; init; }

    public void WriteBasicTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, StartBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], LinkCount);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], (ushort)FileSize);
        BinaryPrimitives.WriteUInt16LittleEndian(target[10..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], ParentInodeNumber);
    }

    public void WriteExtendedTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], FileSize);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], StartBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], ParentInodeNumber);
        BinaryPrimitives.WriteUInt16LittleEndian(target[16..], IndexCount);
        BinaryPrimitives.WriteUInt16LittleEndian(target[18..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], Xattr);
    }

    public static SquashFsDirectoryInode ReadBasic(ReadOnlySpan<byte> source) => new()
    {
        StartBlock = BinaryPrimitives.ReadUInt32LittleEndian(source),
        LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        FileSize = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
        Offset = BinaryPrimitives.ReadUInt16LittleEndian(source[10..]),
        ParentInodeNumber = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        Xattr = SquashFsConstants.NoXattr,
    };

    public static SquashFsDirectoryInode ReadExtended(ReadOnlySpan<byte> source) => new()
    {
        LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(source),
        FileSize = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        StartBlock = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        ParentInodeNumber = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        IndexCount = BinaryPrimitives.ReadUInt16LittleEndian(source[16..]),
        Offset = BinaryPrimitives.ReadUInt16LittleEndian(source[18..]),
        Xattr = BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
    };
}
