namespace Images.TestSupport;

/// <summary>A seekable stream of a given length that keeps only the 4 KiB pages that hold something: disks of any size in little memory.</summary>
public sealed class SparseMemoryStream(long length) : Stream
{
    private const int PageSize = 4096;

    private readonly Dictionary<long, byte[]> _pages = [];
    private long _length = length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    /// <summary>How many bytes are really held.</summary>
    public long HeldBytes => (long)_pages.Count * PageSize;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int inPage = (int)(Position % PageSize);
        int count = (int)Math.Min(Math.Min(buffer.Length, PageSize - inPage), Math.Max(0, _length - Position));
        if (_pages.TryGetValue(Position / PageSize, out byte[]? page))
        {
            page.AsSpan(inPage, count).CopyTo(buffer);
        }
        else
        {
            buffer[..count].Clear();
        }

        Position += count;
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int inPage = (int)(Position % PageSize);
            int count = Math.Min(buffer.Length, PageSize - inPage);
            if (!_pages.TryGetValue(Position / PageSize, out byte[]? page))
            {
                page = new byte[PageSize];
                _pages[Position / PageSize] = page;
            }

            buffer[..count].CopyTo(page.AsSpan(inPage));
            buffer = buffer[count..];
            Position += count;
        }

        _length = Math.Max(_length, Position);
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => _length + offset,
    };

    public override void SetLength(long value) => _length = value;

    public override void Flush()
    {
        // nothing is buffered
    }
}
