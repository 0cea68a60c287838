namespace Images.Formats;

/// <summary>
/// A part of a seekable stream, with a position of its own. Sections of one stream may be read in turns, not at the
/// same time. Leaves the stream open.
/// </summary>
internal sealed class StreamSection(Stream stream, long start, long length) : ReadOnlyStream
{
    private long _position;

    public override bool CanSeek => true;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set =>
            _position = value is >= 0 && value <= length ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    protected override int TakeBytes(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
        {
            return 0;
        }

        stream.Position = start + _position;
        int read = stream.ReadAtLeast(buffer[..wanted], 1, throwOnEndOfStream: false);
        _position += read;
        return read;
    }
}
