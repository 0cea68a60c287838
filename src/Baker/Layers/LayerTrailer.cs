using System.Buffers.Binary;
using Images.Formats;

namespace Images.Baker.Layers;

/// <summary>The end of a layer file: what its index must be.</summary>
internal readonly record struct LayerTrailer(long IndexLength, ReadOnlyMemory<byte> IndexSha256)
{
    public const int Size = 48;

    private static ReadOnlySpan<byte> Magic => "imglayer"u8;

    public void WriteTo(Span<byte> target)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], IndexLength);
        IndexSha256.Span.CopyTo(target[16..]);
    }

    /// <exception cref="MalformedDataException">No trailer of a layer.</exception>
    public static LayerTrailer Read(ReadOnlySpan<byte> source, string file, long offset) => source.StartsWith(Magic)
        ? new LayerTrailer(BinaryPrimitives.ReadInt64LittleEndian(source[8..]), source[16..48].ToArray())
        : throw new MalformedDataException(file, offset, "the layer does not end in its trailer");
}
