namespace Images.Formats.Gzip;

/// <summary>
/// The deflate data of a member, its last byte handed out apart: since deflate data end within their last byte, it is
/// asked for exactly when nothing stands between the data and the trailer.
/// </summary>
internal sealed class GzipDeflateData(Stream data) : ReadOnlyStream
{
    public bool IsConsumed => data.Position == data.Length;

    protected override int TakeBytes(Span<byte> buffer)
    {
        long beforeLast = data.Length - 1 - data.Position;
        int wanted = (int)Math.Min(buffer.Length, beforeLast > 0 ? beforeLast : 1);
        return data.ReadAtLeast(buffer[..wanted], Math.Min(wanted, 1), throwOnEndOfStream: false);
    }
}
