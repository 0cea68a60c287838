namespace Images.Formats.Gzip;

/// <summary>
/// Hands out one byte at a time, so that a decoder that stops asking has taken exactly what belongs to its data: where
/// deflate data end stands nowhere else.
/// </summary>
internal sealed class GzipSingleBytes(byte[] data, int start) : ReadOnlyStream
{
    /// <summary>Offset of the first byte that nobody asked for.</summary>
    public int Taken { get; private set; } = start;

    public bool IsConsumed => Taken == data.Length;

    protected override int TakeBytes(Span<byte> buffer)
    {
        if (buffer.IsEmpty || IsConsumed)
        {
            return 0;
        }

        buffer[0] = data[Taken++];
        return 1;
    }
}
