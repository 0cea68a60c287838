using System.Collections.Immutable;
using System.Text;

namespace Images.Formats.Uki;

/// <summary>Reads a unified kernel image back, for inspection.</summary>
internal static class UkiReader
{
    /// <summary>
    /// The contents of all sections by name (<c>.linux</c>, <c>.initrd</c>, <c>.cmdline</c>, …), in the file's order.
    /// </summary>
    /// <exception cref="MalformedDataException">No PE file for x86-64, or a section beyond its end.</exception>
    public static ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadSections(byte[] file, string name)
    {
        PeImage image = PeImage.Parse(file, name);
        return
        [
            .. image.ReadSections().Select(section => KeyValuePair.Create(section.Name, image.ReadContent(section))),
        ];
    }

    /// <summary>The stub itself is left out: <see cref="UkiContent.Stub"/> of the answer is the whole file.</summary>
    /// <exception cref="MalformedDataException">
    /// A section that makes a PE file a unified kernel image is missing.
    /// </exception>
    public static UkiContent Read(byte[] file, string name)
    {
        ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> sections = ReadSections(file, name);
        return new UkiContent
        {
            Stub = file,
            OsRelease = Find(".osrel").ToArray(),
            CommandLine = Encoding.UTF8.GetString(Find(".cmdline").Span),
            KernelRelease = Encoding.UTF8.GetString(Find(".uname").Span),
            Initrd = Find(".initrd"),
            Kernel = Find(".linux"),
        };

        ReadOnlyMemory<byte> Find(string section) => sections.Any(pair => pair.Key == section)
            ? sections.First(pair => pair.Key == section).Value
            : throw new MalformedDataException(
                name, -1, $"it has no section {section}, so it is no unified kernel image.");
    }
}
