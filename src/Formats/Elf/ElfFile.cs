using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Elf;

/// <summary>
/// Reads what a bake asks of an ELF file: a section by name (kernel modules) and the libraries that a program needs
/// (System V ABI, ELF-64 object file format). Only 64-bit little-endian files.
/// </summary>
internal sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;
    private const int InterpreterSegment = 3;
    private const int DynamicEntrySize = 16;
    private const ulong NeededTag = 1;
    private const ulong StringTableTag = 5;

    /// <summary>Section type of sections without bytes in the file (.bss).</summary>
    private const uint NoBits = 8;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly string _name;

    private ElfFile(ReadOnlyMemory<byte> bytes, string name)
    {
        _bytes = bytes;
        _name = name;
    }

    /// <summary>e_machine: 62 for x86-64.</summary>
    public ushort Machine => ReadUInt16(0, 18);

    /// <summary>Whether the bytes begin like an ELF file of any kind.</summary>
    public static bool IsElf(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\u007fELF"u8);

    /// <exception cref="MalformedDataException">No ELF file, or not a 64-bit little-endian one.</exception>
    public static ElfFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        ReadOnlySpan<byte> header = bytes.Span;
        if (header.Length < HeaderSize || !IsElf(header))
        {
            throw new MalformedDataException(name, 0, "it does not begin with an ELF header.");
        }

        if (header[4] != 2 || header[5] != 1)
        {
            throw new MalformedDataException(
                name,
                4,
                $"it is an ELF file of class {header[4]} and data encoding {header[5]}; "
                    + "2 (64-bit) and 1 (little-endian) are read.");
        }

        return new ElfFile(bytes, name);
    }

    /// <summary>The bytes of the first section with this name; null where there is none.</summary>
    public ReadOnlyMemory<byte>? FindSection(ReadOnlySpan<byte> sectionName)
    {
        ulong table = ReadUInt64(0, 40);
        int entrySize = ReadUInt16(0, 58);
        int count = ReadUInt16(0, 60);
        int namesIndex = ReadUInt16(0, 62);
        ReadOnlySpan<byte> names = Section(table, entrySize, namesIndex).Span;
        for (int i = 0; i < count; i++)
        {
            uint nameOffset = ReadUInt32(Sum(table, (ulong)i * (ulong)entrySize), 0);
            if (nameOffset < names.Length && UntilNul(names[(int)nameOffset..]).SequenceEqual(sectionName))
            {
                return Section(table, entrySize, i);
            }
        }

        return null;
    }

    /// <summary>
    /// Names in the symbol table that begin with the prefix, the prefix cut off, in the table's order.
    /// </summary>
    public IReadOnlyList<string> ReadSymbolNames(ReadOnlySpan<byte> prefix)
    {
        if (FindSection(".symtab"u8) is not { } symbols || FindSection(".strtab"u8) is not { } strings)
        {
            return [];
        }

        List<string> names = [];
        for (int at = 0; at + SymbolSize <= symbols.Length; at += SymbolSize)
        {
            uint nameOffset = BinaryPrimitives.ReadUInt32LittleEndian(symbols.Span[at..]);
            if (nameOffset < strings.Length && strings.Span[(int)nameOffset..].StartsWith(prefix))
            {
                names.Add(Encoding.UTF8.GetString(UntilNul(strings.Span[((int)nameOffset + prefix.Length)..])));
            }
        }

        return names;
    }

    /// <summary>
    /// The program interpreter (the dynamic loader's path); null for static files and for libraries without one.
    /// </summary>
    public string? ReadInterpreter() => Segments()
        .Where(segment => segment.Type == InterpreterSegment)
        .Select(segment => Encoding.UTF8.GetString(UntilNul(Slice(segment.Offset, segment.FileSize).Span)))
        .FirstOrDefault();

    /// <summary>
    /// The libraries that the dynamic section names (DT_NEEDED), in its order; none for a static file.
    /// </summary>
    public IReadOnlyList<string> ReadNeeded()
    {
        ElfSegment[] segments = [.. Segments()];
        if (segments.All(segment => segment.Type != DynamicSegment))
        {
            return [];
        }

        ElfSegment dynamic = segments.First(segment => segment.Type == DynamicSegment);
        List<ulong> nameOffsets = [];
        ulong? stringTable = null;
        ulong end = Sum(dynamic.Offset, dynamic.FileSize);
        for (ulong at = dynamic.Offset; at < end; at = Sum(at, DynamicEntrySize))
        {
            ulong tag = ReadUInt64(at, 0);
            if (tag == 0)
            {
                break;
            }

            if (tag == NeededTag)
            {
                nameOffsets.Add(ReadUInt64(at, 8));
            }
            else if (tag == StringTableTag)
            {
                stringTable = ReadUInt64(at, 8);
            }
        }

        return
        [
            .. nameOffsets.Select(
                offset => ReadString(segments, Sum(stringTable ?? throw NoStringTable(dynamic), offset))),
        ];
    }

    /// <summary>Bytes by their address in memory.</summary>
    /// <exception cref="MalformedDataException">No loaded segment holds all of them in the file.</exception>
    public ReadOnlyMemory<byte> AtAddress(ulong address, ulong length)
    {
        ElfSegment load = Segments().FirstOrDefault(segment =>
            segment.Type == LoadSegment
            && address >= segment.Address
            && address - segment.Address <= segment.FileSize
            && length <= segment.FileSize - (address - segment.Address))
            ?? throw new MalformedDataException(
                _name, -1, $"no loaded segment holds {length} bytes at the address 0x{address:x}.");
        return Slice(Sum(load.Offset, address - load.Address), length);
    }

    private IEnumerable<ElfSegment> Segments()
    {
        ulong table = ReadUInt64(0, 32);
        int entrySize = ReadUInt16(0, 54);
        int count = ReadUInt16(0, 56);
        for (int i = 0; i < count; i++)
        {
            ulong at = Sum(table, (ulong)i * (ulong)entrySize);
            yield return new ElfSegment(ReadUInt32(at, 0), ReadUInt64(at, 8), ReadUInt64(at, 16), ReadUInt64(at, 32));
        }
    }

    private string ReadString(ElfSegment[] segments, ulong address)
    {
        ElfSegment load = segments.FirstOrDefault(segment =>
            segment.Type == LoadSegment && address >= segment.Address && address - segment.Address < segment.FileSize)
            ?? throw new MalformedDataException(
                _name, -1, $"no loaded segment holds the address 0x{address:x}, where a library's name should stand.");
        ulong offset = Sum(load.Offset, address - load.Address);
        return Encoding.UTF8.GetString(UntilNul(Slice(offset, load.FileSize - (address - load.Address)).Span));
    }

    private MalformedDataException NoStringTable(ElfSegment dynamic) =>
        new(_name, unchecked((long)dynamic.Offset), "the dynamic section names libraries but no string table.");

    private ReadOnlyMemory<byte> Section(ulong table, int entrySize, int index)
    {
        ulong at = Sum(table, (ulong)index * (ulong)entrySize);
        _ = Slice(at, SectionHeaderSize);
        return ReadUInt32(at, 4) == NoBits ? ReadOnlyMemory<byte>.Empty : Slice(ReadUInt64(at, 24), ReadUInt64(at, 32));
    }

    /// <summary>Of two numbers of the file, which may be any.</summary>
    private ulong Sum(ulong offset, ulong more) => offset <= ulong.MaxValue - more
        ? offset + more
        : throw new MalformedDataException(
            _name, -1, $"it points to {more} bytes behind {offset}: no file is that long.");

    private static ReadOnlySpan<byte> UntilNul(ReadOnlySpan<byte> text) =>
        text.IndexOf((byte)0) is int end and >= 0 ? text[..end] : text;

    private ushort ReadUInt16(ulong at, int field) =>
        BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, (ulong)field + 2).Span[field..]);

    private uint ReadUInt32(ulong at, int field) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, (ulong)field + 4).Span[field..]);

    private ulong ReadUInt64(ulong at, int field) =>
        BinaryPrimitives.ReadUInt64LittleEndian(Slice(at, (ulong)field + 8).Span[field..]);

    private ReadOnlyMemory<byte> Slice(ulong offset, ulong length)
    {
        ulong size = (ulong)_bytes.Length;
        return offset <= size && length <= size - offset
            ? _bytes.Slice((int)offset, (int)length)
            : throw new MalformedDataException(
                _name, unchecked((long)offset), $"it points to {length} bytes there, but the file has {size}.");
    }
}
