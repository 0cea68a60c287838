using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>A block that holds the tails of several files.</summary>
/// <param name="StartOffset">Where it lies in its image or layer.</param>
/// <param name="SizeWord">
/// Stored bytes, with <see cref="SquashFsConstants.UncompressedBlock"/> where it applies.
/// </param>
internal readonly record struct SquashFsFragment(long StartOffset, uint SizeWord)
{
    public const int Size = 16;

    public int StoredLength => (int)(SizeWord & SquashFsConstants.BlockLengthMask);

    public void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, (ulong)StartOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], SizeWord);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], 0);
    }

    public static SquashFsFragment Read(ReadOnlySpan<byte> source) => new(
        (long)BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));
}
