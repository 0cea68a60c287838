using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>Lines ended by LF or CR LF; the last one needs no end. A CR anywhere else is refused.</summary>
internal sealed class PgpLineReader(byte[] file, string name)
{
    private int _start;
    private int _length;
    private int _next;

    /// <summary>Without its end.</summary>
    public ReadOnlySpan<byte> Current => file.AsSpan(_start, _length);

    public bool MoveNext()
    {
        if (_next >= file.Length)
        {
            return false;
        }

        _start = _next;
        int end = file.AsSpan(_start).IndexOf((byte)'\n');
        _length = end < 0 ? file.Length - _start : end;
        _next = end < 0 ? file.Length : _start + end + 1;
        if (end > 0 && file[_start + end - 1] == '\r')
        {
            _length--;
        }

        return Current.IndexOf((byte)'\r') < 0 ? true : throw Malformed("a carriage return stands inside a line");
    }

    /// <summary>An error at the current line.</summary>
    public MalformedDataException Malformed(string rule) => new(name, _start, rule);
}
