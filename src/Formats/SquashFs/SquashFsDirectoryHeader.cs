using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>Stands before up to 256 directory entries whose inodes share one metadata block.</summary>
internal readonly record struct SquashFsDirectoryHeader
{
    public const int Size = 12;

    /// <summary>Number of entries; the record holds one less.</summary>
    public required uint Count { get; init; }

    public required uint StartBlock { get; init; }

    /// <summary>The number that the entries' signed differences are added to.</summary>
    public required uint InodeNumber { get; init; }

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Count - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], StartBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], InodeNumber);
    }

    public static SquashFsDirectoryHeader Read(ReadOnlySpan<byte> source) => new()
    {
        Count = unchecked(BinaryPrimitives.ReadUInt32LittleEndian(source) + 1),
        StartBlock = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        InodeNumber = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
    };
}
