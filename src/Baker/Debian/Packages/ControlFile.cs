using System.Text;
using Images.Formats;

namespace Images.Baker.Debian.Packages;

/// <summary>Reads Debian control files (deb822(5)): control of a package, Packages and Release of an archive.</summary>
public static class ControlFile
{
    /// <summary>
    /// Reads one paragraph at a time, so that an index of any size passes; to be enumerated
    /// once. Leaves the stream open.
    /// </summary>
    /// <param name="name">What the errors call the file.</param>
    /// <exception cref="MalformedDataException">
    /// While enumerating: a line that deb822 does not know, or text that is not UTF-8.
    /// </exception>
    public static IEnumerable<ControlParagraph> Parse(Stream stream, string name)
    {
        ControlLineReader lines = new(stream, name);
        ControlParagraphBuilder paragraph = new(name);
        while (lines.MoveNext())
        {
            if (!paragraph.Add(lines.Current, lines.Number))
            {
                yield return paragraph.Build();
            }
        }

        if (!paragraph.IsEmpty)
        {
            yield return paragraph.Build();
        }
    }

    /// <inheritdoc cref="Parse(Stream, string)"/>
    public static IReadOnlyList<ControlParagraph> Parse(string text, string name)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        return [.. Parse(stream, name)];
    }
}
