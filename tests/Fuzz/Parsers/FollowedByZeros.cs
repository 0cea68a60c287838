using Images.Formats;

namespace Images.Fuzz.Parsers;

/// <summary>Bytes, and zeros up to a size: a volume of which only the beginning is kept and changed.</summary>
internal sealed class FollowedByZeros(byte[] bytes, long size) : ReadOnlyStream
{
    private long _position;

    public override bool CanSeek => true;

    public override long Length => Math.Max(size, bytes.Length);

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    protected override int TakeBytes(Span<byte> buffer)
    {
        int count = (int)Math.Clamp(Length - _position, 0, buffer.Length);
        int known = (int)Math.Clamp(bytes.Length - _position, 0, count);
        bytes.AsSpan((int)Math.Min(_position, bytes.Length), known).CopyTo(buffer);
        buffer[known..count].Clear();
        _position += count;
        return count;
    }
}
