using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>The first 96 bytes. Table positions count from the start of the image.</summary>
internal readonly record struct SquashFsSuperblock
{
    public const int Size = 96;

    public required uint InodeCount { get; init; }

    public required uint ModifiedUnixSeconds { get; init; }

    public required uint BlockSize { get; init; }

    public required uint FragmentCount { get; init; }

    public ushort Compression { get; init; }

    public required ushort BlockSizeLog { get; init; }

    public required SquashFsFlags Flags { get; init; }

    public required ushort IdCount { get; init; }

    public ushort MajorVersion { get; init; }

    public ushort MinorVersion { get; init; }

    /// <summary>Metadata position of the root's inode: block start shifted by 16, or'ed with the offset.</summary>
    public required ulong RootInode { get; init; }

    public required ulong BytesUsed { get; init; }

    public required ulong IdTableStart { get; init; }

    public ulong XattrTableStart { get; init; }

    public required ulong InodeTableStart { get; init; }

    public required ulong DirectoryTableStart { get; init; }

    public required ulong FragmentTableStart { get; init; }

    public ulong ExportTableStart { get; init; }

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, SquashFsConstants.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], InodeCount);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], ModifiedUnixSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], BlockSize);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], FragmentCount);
        BinaryPrimitives.WriteUInt16LittleEndian(target[20..], Compression);
        BinaryPrimitives.WriteUInt16LittleEndian(target[22..], BlockSizeLog);
        BinaryPrimitives.WriteUInt16LittleEndian(target[24..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(target[26..], IdCount);
        BinaryPrimitives.WriteUInt16LittleEndian(target[28..], MajorVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(target[30..], MinorVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], RootInode);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], BytesUsed);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], IdTableStart);
        BinaryPrimitives.WriteUInt64LittleEndian(target[56..], XattrTableStart);
        BinaryPrimitives.WriteUInt64LittleEndian(target[64..], InodeTableStart);
        BinaryPrimitives.WriteUInt64LittleEndian(target[72..], DirectoryTableStart);
        BinaryPrimitives.WriteUInt64LittleEndian(target[80..], FragmentTableStart);
        BinaryPrimitives.WriteUInt64LittleEndian(target[88..], ExportTableStart);
    }

    /// <summary>Reads the fields after the magic, which the caller has compared.</summary>
    public static SquashFsSuperblock Read(ReadOnlySpan<byte> source) => new()
    {
        InodeCount = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        ModifiedUnixSeconds = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        BlockSize = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        FragmentCount = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
        Compression = BinaryPrimitives.ReadUInt16LittleEndian(source[20..]),
        BlockSizeLog = BinaryPrimitives.ReadUInt16LittleEndian(source[22..]),
        Flags = (SquashFsFlags)BinaryPrimitives.ReadUInt16LittleEndian(source[24..]),
        IdCount = BinaryPrimitives.ReadUInt16LittleEndian(source[26..]),
        MajorVersion = BinaryPrimitives.ReadUInt16LittleEndian(source[28..]),
        MinorVersion = BinaryPrimitives.ReadUInt16LittleEndian(source[30..]),
        RootInode = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
        BytesUsed = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
        IdTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
        XattrTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[56..]),
        InodeTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[64..]),
        DirectoryTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[72..]),
        FragmentTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[80..]),
        ExportTableStart = BinaryPrimitives.ReadUInt64LittleEndian(source[88..]),
    };
}
