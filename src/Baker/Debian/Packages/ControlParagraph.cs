using Images.Formats;

namespace Images.Baker.Debian.Packages;

/// <summary>One paragraph of a Debian control file (deb822(5)): fields in the order they were written.</summary>
public sealed class ControlParagraph
{
    private readonly string _file;
    private readonly ControlField[] _fields;

    internal ControlParagraph(string file, int line, ControlField[] fields)
    {
        _file = file;
        _fields = fields;
        Line = line;
    }

    /// <summary>Number of the paragraph's first line in its file, from 1.</summary>
    public int Line { get; }

    public IReadOnlyList<ControlField> Fields => _fields;

    /// <summary>The field's value, or null where it is absent. Names are compared without regard to case.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (ControlField field in _fields)
            {
                if (string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    return field.Value;
                }
            }

            return null;
        }
    }

    /// <exception cref="MalformedDataException">The field is absent or empty.</exception>
    public string Require(string name) => this[name] is { Length: > 0 } value
        ? value
        : throw new MalformedDataException(_file, -1, $"the paragraph at line {Line} lacks the field '{name}'");

    /// <summary>
    /// The lines of a multi-line field (file lists, conffiles), trimmed, without empty ones; none where it is absent.
    /// </summary>
    public IEnumerable<string> LinesOf(string name) =>
        (this[name] ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The paragraph as it stood, comments apart, each line ended by '\n'.</summary>
    public override string ToString() => string.Concat(_fields.Select(field => $"{field}\n"));
}
