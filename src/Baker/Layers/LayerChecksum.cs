using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Images.Baker.Layers;

/// <summary>
/// 128 bits that tell a damaged layer from a whole one: four CRC-32C over every fourth word of 8 bytes. It guards
/// against disks and crashes, not against whoever can write the cache (he could write the index too), and so may be as
/// fast as memory: a warm bake spends its time copying, where SHA-256 would double it.
/// </summary>
internal record struct LayerChecksum(uint First, uint Second, uint Third, uint Fourth)
{
    public const int Size = 16;

    private const int Stride = 32;
    private const int BufferSize = 1 << 18;

    /// <summary>Of a whole stream, which is left at its end.</summary>
    public static LayerChecksum OfWhole(Stream stream)
    {
        stream.Position = 0;
        LayerChecksum checksum = default;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        for (int length = BufferSize; length == BufferSize;)
        {
            length = stream.ReadAtLeast(buffer.AsSpan(0, BufferSize), BufferSize, throwOnEndOfStream: false);
            checksum.Append(buffer.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return checksum;
    }

    /// <summary>Takes in more bytes; every part but the last must be a multiple of 32 long.</summary>
    // a bake is short: without it most bytes pass before the loop is compiled well
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        (uint first, uint second, uint third, uint fourth) = this;
        while (bytes.Length >= Stride)
        {
            first = BitOperations.Crc32C(first, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            second = BitOperations.Crc32C(second, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            third = BitOperations.Crc32C(third, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            fourth = BitOperations.Crc32C(fourth, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
            bytes = bytes[Stride..];
        }

        foreach (byte value in bytes)
        {
            fourth = BitOperations.Crc32C(fourth, value);
        }

        this = new LayerChecksum(first, second, third, fourth);
    }

    public readonly void WriteTo(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, First);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Second);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Third);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Fourth);
    }

    public static LayerChecksum Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[12..]));
}
