using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>A regular file's inode after the common header; the block size words follow it.</summary>
internal readonly record struct SquashFsFileInode
{
    public const int BasicSize = 16;
    public const int ExtendedSize = 40;

    public required ulong StartBlock { get; init; }

    public required ulong FileSize { get; init; }

    /// <summary>Bytes of the file that lie in blocks of size 0.</summary>
    public ulong SparseBytes { get; init; }

    public uint LinkCount { get; init; }

    public required uint Fragment { get; init; }

    public required uint FragmentOffset { get; init; }

    public uint Xattr { get; init; }

    /// <summary>Whether something here has no field in the basic form.</summary>
    public bool NeedsExtended =>
        StartBlock > uint.MaxValue || FileSize > uint.MaxValue || SparseBytes > 0 || LinkCount > 1;

    public void WriteBasicTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)StartBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Fragment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], FragmentOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], (uint)FileSize);
    }

    public void WriteExtendedTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, StartBlock);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], FileSize);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], SparseBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], Fragment);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], FragmentOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], Xattr);
    }

    public static SquashFsFileInode ReadBasic(ReadOnlySpan<byte> source) => new()
    {
        StartBlock = BinaryPrimitives.ReadUInt32LittleEndian(source),
        Fragment = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        FragmentOffset = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        FileSize = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        LinkCount = 1,
        Xattr = SquashFsConstants.NoXattr,
    };

    public static SquashFsFileInode ReadExtended(ReadOnlySpan<byte> source) => new()
    {
        StartBlock = BinaryPrimitives.ReadUInt64LittleEndian(source),
        FileSize = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        SparseBytes = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
        Fragment = BinaryPrimitives.ReadUInt32LittleEndian(source[28..]),
        FragmentOffset = BinaryPrimitives.ReadUInt32LittleEndian(source[32..]),
        Xattr = BinaryPrimitives.ReadUInt32LittleEndian(source[36..]),
    };
}
