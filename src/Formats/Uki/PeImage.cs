using System.Buffers.Binary;

namespace Images.Formats.Uki;

/// <summary>
/// The headers of a 64-bit PE file for x86-64, found and checked (PE format, "COFF File Header", "Optional Header").
/// </summary>
internal sealed class PeImage
{
    private const ushort MachineX64 = 0x8664;
    private const ushort OptionalMagic64 = 0x020B;
    private const int CoffHeaderSize = 24;

    /// <summary>Up to and with NumberOfRvaAndSizes.</summary>
    private const int SmallestOptionalHeader = 112;

    private readonly byte[] _bytes;
    private readonly string _name;
    private readonly int _coff;

    private PeImage(byte[] bytes, string name, int coff)
    {
        _bytes = bytes;
        _name = name;
        _coff = coff;
    }

    public int SectionCount => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(_coff + 6));

    public uint SectionAlignment => ReadOptional(32);

    public uint FileAlignment => ReadOptional(36);

    public uint SizeOfImage => ReadOptional(56);

    public uint SizeOfHeaders => ReadOptional(60);

    public uint SizeOfInitializedData => ReadOptional(8);

    private int OptionalHeader => _coff + CoffHeaderSize;

    private int SectionTable => OptionalHeader + BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(_coff + 20));

    /// <summary>Rows that fit between the table's end and the first section.</summary>
    public int FreeSections =>
        ((int)SizeOfHeaders - SectionTable - (SectionCount * PeSectionHeader.Size)) / PeSectionHeader.Size;

    /// <exception cref="MalformedDataException">No PE file, or not a 64-bit one for x86-64.</exception>
    public static PeImage Parse(byte[] bytes, string name)
    {
        if (bytes.Length < 64 || !bytes.AsSpan().StartsWith("MZ"u8))
        {
            throw new MalformedDataException(name, 0, "it does not begin with 'MZ' as a PE file does.");
        }

        uint coff = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0x3C));
        if (coff > bytes.Length - CoffHeaderSize - SmallestOptionalHeader
            || !bytes.AsSpan((int)coff).StartsWith("PE\0\0"u8))
        {
            throw new MalformedDataException(name, 0x3C, "it points to no PE header.");
        }

        PeImage image = new(bytes, name, (int)coff);
        image.CheckHeaders();
        return image;
    }

    public PeSectionHeader[] ReadSections()
    {
        PeSectionHeader[] sections = new PeSectionHeader[SectionCount];
        for (int i = 0; i < sections.Length; i++)
        {
            sections[i] = PeSectionHeader.Read(_bytes.AsSpan(SectionTable + (i * PeSectionHeader.Size)));
        }

        return sections;
    }

    /// <summary>A section's content without the filling.</summary>
    public ReadOnlyMemory<byte> ReadContent(PeSectionHeader section)
    {
        uint length = Math.Min(section.VirtualSize, section.RawSizeBytes);
        return section.RawOffset <= _bytes.Length && length <= _bytes.Length - section.RawOffset
            ? _bytes.AsMemory((int)section.RawOffset, (int)length)
            : throw new MalformedDataException(
                _name, section.RawOffset, $"section {section.Name} lies beyond the end of the file.");
    }

    /// <summary>A copy of everything up to the first section, its table longer by these rows.</summary>
    public byte[] HeadersWith(IReadOnlyList<PeSectionHeader> added)
    {
        byte[] headers = _bytes[..(int)SizeOfHeaders];
        for (int i = 0; i < added.Count; i++)
        {
            added[i].WriteTo(headers.AsSpan(SectionTable + ((SectionCount + i) * PeSectionHeader.Size)));
        }

        PeSectionHeader last = added[^1];
        uint addedBytes = (uint)added.Sum(section => section.RawSizeBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(headers.AsSpan(_coff + 6), (ushort)(SectionCount + added.Count));
        BinaryPrimitives.WriteUInt32LittleEndian(
            headers.AsSpan(OptionalHeader + 8), SizeOfInitializedData + addedBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(
            headers.AsSpan(OptionalHeader + 56), AlignUp(last.VirtualAddress + last.VirtualSize, SectionAlignment));
        // the checksum, which UEFI does not read
        BinaryPrimitives.WriteUInt32LittleEndian(headers.AsSpan(OptionalHeader + 64), 0);
        return headers;
    }

    public static uint AlignUp(uint value, uint alignment) => (value + alignment - 1) / alignment * alignment;

    private void CheckHeaders()
    {
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(_coff + 4));
        ushort magic = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(OptionalHeader));
        if (machine != MachineX64 || magic != OptionalMagic64)
        {
            throw new MalformedDataException(
                _name,
                _coff,
                $"it is made for machine 0x{machine:X4} with an optional header 0x{magic:X4}; "
                    + "0x8664 and 0x020B (64-bit x86) are needed.");
        }

        if (FileAlignment == 0 || SectionAlignment == 0 || SizeOfHeaders > _bytes.Length || FreeSections < 0)
        {
            throw new MalformedDataException(_name, OptionalHeader, "its alignments or its header size make no sense.");
        }
    }

    private uint ReadOptional(int field) =>
        BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(OptionalHeader + field));
}
