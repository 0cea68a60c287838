using Images.Formats;

namespace Images.Baker.Inspect;

/// <summary>
/// Takes what a writer writes and compares it with what stands in another stream, instead of writing it. What the
/// writer leaves out must be zero there: <see cref="CompareHoles"/>.
/// </summary>
internal sealed class ComparingStream(Stream actual, string file, string rule) : Stream
{
    private const int BufferBytes = 1 << 20;

    private readonly SortedList<long, long> _written = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    /// <exception cref="MalformedDataException">The first byte that differs.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _written[Position] = Math.Max(buffer.Length, _written.GetValueOrDefault(Position));
        while (buffer.Length > 0)
        {
            int count = Math.Min(buffer.Length, BufferBytes);
            Compare(buffer[..count]);
            buffer = buffer[count..];
        }

        _length = Math.Max(_length, Position);
    }

    /// <exception cref="MalformedDataException">The first byte that nobody wrote and that is not zero.</exception>
    public void CompareHoles()
    {
        long offset = 0;
        foreach ((long start, long count) in _written)
        {
            ZeroCheck.Require(actual, offset, start - offset, file, rule);
            offset = Math.Max(offset, start + count);
        }

        ZeroCheck.Require(actual, offset, actual.Length - offset, file, rule);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => _length + offset,
    };

    public override void SetLength(long value) => _length = value;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // nothing is written
    }

    private void Compare(ReadOnlySpan<byte> expected)
    {
        Span<byte> found = _buffer.AsSpan(0, expected.Length);
        actual.Position = Position;
        actual.ReadExactly(found);
        int same = found.CommonPrefixLength(expected);
        Position += expected.Length;
        if (same < expected.Length)
        {
            throw new MalformedDataException(file, Position - expected.Length + same, rule);
        }
    }
}
