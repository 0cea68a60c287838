using Images.Formats.Tree;

namespace Images.Formats.Tar;

/// <summary>Reads contents one after the other; each is open only while it is read.</summary>
internal sealed class JoinedStream(IReadOnlyList<FileContent> parts) : ReadOnlyStream
{
    private int _next;
    private Stream? _current;
    private long _left;

    public override long Length { get; } = parts.Sum(part => part.Length);

    protected override int TakeBytes(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_left > 0)
            {
                int read = _current!.ReadAtLeast(buffer[..(int)Math.Min(buffer.Length, _left)], 1);
                _left -= read;
                return read;
            }

            _current?.Dispose();
            _current = null;
            if (_next == parts.Count)
            {
                return 0;
            }

            _left = parts[_next].Length;
            _current = _left > 0 ? parts[_next].OpenRead() : null;
            _next++;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _current?.Dispose();
        }

        base.Dispose(disposing);
    }
}
