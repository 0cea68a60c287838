using System.Buffers;
using System.Text;
using Images.Formats;

namespace Images.Baker.Debian.Packages;

/// <summary>Collects the lines of one paragraph after another.</summary>
internal sealed class ControlParagraphBuilder(string file)
{
    private const int MaximumFields = 4096;
    private const int MaximumNames = 4096;

    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // deb822(5): printable US-ASCII but for blanks and ':'
    private static readonly SearchValues<byte> _nameBytes =
        SearchValues.Create([.. Enumerable.Range(33, 94).Where(c => c != ':').Select(c => (byte)c)]);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<ControlField> _fields = [];
    private readonly ArrayBufferWriter<byte> _continued = new();
    private int _firstLine;

    public bool IsEmpty => _fields.Count == 0;

    /// <summary>Takes a line; false where it ends a paragraph that is then to be built.</summary>
    public bool Add(ReadOnlySpan<byte> line, int number)
    {
        ReadOnlySpan<byte> text = line.TrimEnd(" \t\r"u8);
        if (text.IsEmpty)
        {
            return IsEmpty;
        }

        switch (line[0])
        {
            case (byte)'#':
                break;
            case (byte)' ' or (byte)'\t':
                Continue(text, number);
                break;
            default:
                Begin(text, number);
                break;
        }

        return true;
    }

    public ControlParagraph Build()
    {
        EndField();
        ControlField[] fields = [.. _fields];
        _fields.Clear();
        return new ControlParagraph(file, _firstLine, fields);
    }

    private void Begin(ReadOnlySpan<byte> text, int number)
    {
        EndField();
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || text[0] == '-' || text[..colon].IndexOfAnyExcept(_nameBytes) >= 0)
        {
            throw Malformed(number, "is neither 'Field: value' nor a continuation");
        }

        string name = NameOf(text[..colon]);
        foreach (ControlField field in _fields)
        {
            if (string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                throw Malformed(number, $"repeats the field '{name}' of its paragraph");
            }
        }

        if (_fields.Count == MaximumFields)
        {
            throw Malformed(number, $"goes beyond {MaximumFields} fields in one paragraph");
        }

        _firstLine = IsEmpty ? number : _firstLine;
        _fields.Add(new ControlField(name, Decode(text[(colon + 1)..].TrimStart(" \t"u8), number)));
    }

    private void Continue(ReadOnlySpan<byte> text, int number)
    {
        if (IsEmpty)
        {
            throw Malformed(number, "continues a field, and there is none");
        }

        if (_continued.WrittenCount == 0)
        {
            _continued.Write(Encoding.UTF8.GetBytes(_fields[^1].Value));
        }

        // checked line by line, for the error's place
        Decode(text, number);
        _continued.Write("\n"u8);
        _continued.Write(text);
    }

    private void EndField()
    {
        if (_continued.WrittenCount > 0)
        {
            _fields[^1] = _fields[^1] with { Value = Encoding.UTF8.GetString(_continued.WrittenSpan) };
            _continued.ResetWrittenCount();
        }
    }

    // an index repeats twenty names a hundred thousand times
    private string NameOf(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = bytes.Length <= 128 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        Encoding.ASCII.GetChars(bytes, characters);
        if (_names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out string? known))
        {
            return known;
        }

        string name = new(characters);
        if (_names.Count < MaximumNames)
        {
            _names.Add(name);
        }

        return name;
    }

    private string Decode(ReadOnlySpan<byte> bytes, int number)
    {
        try
        {
            return _utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new MalformedDataException(file, -1, $"line {number} is not UTF-8", e);
        }
    }

    private MalformedDataException Malformed(int number, string rule) => new(file, -1, $"line {number} {rule}");
}
