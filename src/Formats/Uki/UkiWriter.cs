using System.Text;

namespace Images.Formats.Uki;

/// <summary>
/// Appends kernel, initrd, command line and names to systemd's stub: one file that the firmware starts.
/// </summary>
internal static class UkiWriter
{
    /// <summary>
    /// A signature table must begin at a multiple of this (PE format, "Attribute Certificate Table").
    /// </summary>
    private const int CertificateAlignment = 8;

    /// <exception cref="MalformedDataException">
    /// The stub is no fitting PE file or has no room for the sections.
    /// </exception>
    public static void Write(UkiContent content, Stream output)
    {
        PeImage stub = PeImage.Parse(content.Stub, "linuxx64.efi.stub");
        (string Name, ReadOnlyMemory<byte> Bytes)[] sections =
        [
            (".osrel", content.OsRelease),
            (".cmdline", Encoding.UTF8.GetBytes(content.CommandLine)),
            (".uname", Encoding.UTF8.GetBytes(content.KernelRelease)),
            (".initrd", content.Initrd),
            (".linux", content.Kernel),
        ];
        CheckRoom(stub, sections.Length);
        PeSectionHeader[] headers = Place(
            stub, content.Stub.Length, [.. sections.Select(section => (section.Name, section.Bytes.Length))]);
        output.Write(stub.HeadersWith(headers));
        output.Write(content.Stub.AsSpan((int)stub.SizeOfHeaders));
        Fill(headers[0].RawOffset - (uint)content.Stub.Length, output);
        for (int i = 0; i < headers.Length; i++)
        {
            output.Write(sections[i].Bytes.Span);
            Fill(headers[i].RawSizeBytes - headers[i].VirtualSize, output);
        }
    }

    private static void CheckRoom(PeImage stub, int count)
    {
        if (stub.FreeSections < count)
        {
            throw new MalformedDataException(
                "linuxx64.efi.stub",
                -1,
                $"its section table has room for {stub.FreeSections} more; {count} are needed.");
        }

        if (stub.FileAlignment % CertificateAlignment != 0)
        {
            throw new MalformedDataException(
                "linuxx64.efi.stub", -1, $"with its file alignment {stub.FileAlignment} no signature could follow.");
        }

        if (stub.ReadSections().FirstOrDefault(section => section.Name == ".linux") is { Name: not null })
        {
            throw new MalformedDataException("linuxx64.efi.stub", -1, "it holds a kernel already.");
        }
    }

    private static PeSectionHeader[] Place(PeImage stub, int stubBytes, (string Name, int Length)[] sections)
    {
        uint rawOffset = PeImage.AlignUp((uint)stubBytes, stub.FileAlignment);
        uint address = PeImage.AlignUp(stub.SizeOfImage, stub.SectionAlignment);
        PeSectionHeader[] headers = new PeSectionHeader[sections.Length];
        for (int i = 0; i < sections.Length; i++)
        {
            headers[i] = new PeSectionHeader
            {
                Name = sections[i].Name,
                VirtualSize = (uint)sections[i].Length,
                VirtualAddress = address,
                RawSizeBytes = PeImage.AlignUp((uint)sections[i].Length, stub.FileAlignment),
                RawOffset = rawOffset,
                Flags = PeSectionFlags.InitializedData | PeSectionFlags.Readable,
            };
            rawOffset += headers[i].RawSizeBytes;
            address = PeImage.AlignUp(address + headers[i].VirtualSize, stub.SectionAlignment);
        }

        return headers;
    }

    private static void Fill(uint count, Stream output) => output.Write(new byte[count]);
}
