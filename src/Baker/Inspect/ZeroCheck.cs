using System.Buffers;
using Images.Formats;

namespace Images.Baker.Inspect;

/// <summary>Checks what a fresh image leaves blank.</summary>
internal static class ZeroCheck
{
    private const int BufferBytes = 1 << 20;

    /// <exception cref="MalformedDataException">
    /// The first byte that is not zero; its offset counts from the stream's start.
    /// </exception>
    public static void Require(Stream stream, long offset, long count, string file, string rule)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long end = offset + count; offset < end;)
            {
                Span<byte> part = buffer.AsSpan(0, (int)Math.Min(end - offset, BufferBytes));
                stream.Position = offset;
                stream.ReadExactly(part);
                int found = part.IndexOfAnyExcept((byte)0);
                if (found >= 0)
                {
                    throw new MalformedDataException(file, offset + found, rule);
                }

                offset += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
