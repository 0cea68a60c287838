namespace Images.Formats;

/// <summary>
/// A stream that is only read, forwards unless a subclass can seek: one method to write instead of ten.
/// </summary>
public abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public sealed override int Read(Span<byte> buffer) => TakeBytes(buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => TakeBytes(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void Flush()
    {
    }

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Hands out at least one byte, or 0 at the end or for an empty buffer.</summary>
    protected abstract int TakeBytes(Span<byte> buffer);
}
