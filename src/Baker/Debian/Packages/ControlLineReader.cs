using Images.Formats;

namespace Images.Baker.Debian.Packages;

/// <summary>Cuts a stream into lines of bytes without their '\n', one at a time.</summary>
internal sealed class ControlLineReader(Stream stream, string name)
{
    // the longest line of Debian's indexes is some ten KiB (Provides, Depends)
    private const int MaximumLine = 4 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private int _next;

    /// <summary>Valid until the next call of <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<byte> Current => _buffer.AsSpan(_start, _next - _start);

    /// <summary>Number of the current line, from 1.</summary>
    public int Number { get; private set; }

    public bool MoveNext()
    {
        _start = Number == 0 ? 0 : Math.Min(_next + 1, _end);
        Number++;
        int searched = _start;
        while (true)
        {
            int found = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                _next = searched + found;
                return true;
            }

            searched = _end - _start;
            if (!Fill())
            {
                _next = _end;
                return _next > _start;
            }
        }
    }

    // moves the unfinished line to the front and reads on behind it
    private bool Fill()
    {
        int kept = _end - _start;
        if (kept > MaximumLine)
        {
            throw new MalformedDataException(name, -1, $"line {Number} is longer than {MaximumLine} bytes");
        }

        byte[] target = kept > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        _buffer = target;
        _start = 0;
        int read = stream.ReadAtLeast(_buffer.AsSpan(kept), 1, throwOnEndOfStream: false);
        _end = kept + read;
        return read > 0;
    }
}
