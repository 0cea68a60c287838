using System.Buffers;

namespace Images.Formats.Xz;

/// <summary>The compressed bytes, buffered, with their position for the errors.</summary>
internal sealed class XzInput(Stream stream, string name) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _next;
    private int _end;
    private long _bufferPosition;

    /// <summary>Bytes taken so far.</summary>
    public long Position => _bufferPosition + _next;

    public bool AtEnd => _next == _end && !Fill();

    /// <summary>The next byte, not taken; only where <see cref="AtEnd"/> is false.</summary>
    public byte PeekByte() => _buffer[_next];

    public byte ReadByte()
    {
        if (_next == _end && !Fill())
        {
            throw Truncated();
        }

        return _buffer[_next++];
    }

    public void ReadExactly(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_next == _end && !Fill())
            {
                throw Truncated();
            }

            int count = Math.Min(destination.Length, _end - _next);
            _buffer.AsSpan(_next, count).CopyTo(destination);
            _next += count;
            destination = destination[count..];
        }
    }

    /// <summary>Skips what pads the last <paramref name="length"/> bytes to a multiple of four.</summary>
    public void ReadPadding(long length)
    {
        for (long i = length; i % 4 != 0; i++)
        {
            if (ReadByte() != 0)
            {
                throw Malformed("padding is not zero");
            }
        }
    }

    public MalformedDataException Malformed(string rule) => new(name, Position, rule);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _next = 0;
        _end = 0;
    }

    private bool Fill()
    {
        _bufferPosition += _end;
        _next = 0;
        _end = stream.ReadAtLeast(_buffer, 1, throwOnEndOfStream: false);
        return _end > 0;
    }

    private MalformedDataException Truncated() => Malformed("the xz data end early (truncated)");
}
