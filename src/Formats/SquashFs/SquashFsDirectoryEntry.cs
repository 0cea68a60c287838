using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>One name of a directory; the name's bytes follow.</summary>
internal readonly record struct SquashFsDirectoryEntry
{
    public const int FixedSize = 8;

    /// <summary>Where the inode starts in the header's metadata block, uncompressed.</summary>
    public required ushort Offset { get; init; }

    public required short InodeDifference { get; init; }

    /// <summary>Always a basic type.</summary>
    public required SquashFsInodeType Type { get; init; }

    /// <summary>Bytes of the name; the record holds one less.</summary>
    public required int NameLength { get; init; }

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, Offset);
        BinaryPrimitives.WriteInt16LittleEndian(target[2..], InodeDifference);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], (ushort)Type);
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], (ushort)(NameLength - 1));
    }

    public static SquashFsDirectoryEntry Read(ReadOnlySpan<byte> source) => new()
    {
        Offset = BinaryPrimitives.ReadUInt16LittleEndian(source),
        InodeDifference = BinaryPrimitives.ReadInt16LittleEndian(source[2..]),
        Type = (SquashFsInodeType)BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
        NameLength = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]) + 1,
    };
}
