using System.Buffers.Binary;
using System.Text;

namespace Images.Baker.Tests.Boot.Kmod;

/// <summary>
/// The smallest ELF file that kmod takes for a kernel module: .modinfo, exported names, and undefined symbols, from
/// which depmod (unlike us) finds dependencies.
/// </summary>
internal sealed record HandMadeModule(string Path)
{
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;

    public string Name => System.IO.Path.GetFileName(Path)[..^".ko".Length].Replace('-', '_');

    public string[] Aliases { get; init; } = [];

    public string[] Exports { get; init; } = [];

    public HandMadeModule[] Uses { get; init; } = [];

    public string[] FurtherWords { get; init; } = [];

    public byte[] ToBytes()
    {
        string[] words =
        [
            .. Aliases.Select(alias => "alias=" + alias), .. FurtherWords,
            "depends=" + string.Join(',', Uses.Select(used => used.Name)), "name=" + Name, "vermagic=6.0 SMP",
        ];
        string[] undefined = [.. Uses.SelectMany(used => used.Exports)];
        byte[] symbolNames = Strings(["", .. undefined]);
        (string Name, uint Type, byte[] Bytes, uint Link, ulong EntrySize)[] sections =
        [
            ("", 0, [], 0, 0),
            (".modinfo", 1, Strings(words), 0, 0),
            ("__ksymtab_strings", 1, Strings(Exports), 0, 0),
            (".symtab", 2, Symbols(undefined), 4, SymbolSize),
            (".strtab", 3, symbolNames, 0, 0),
            (".shstrtab", 3, [], 0, 0),
        ];
        sections[5].Bytes = Strings([.. sections.Select(section => section.Name)]);
        return Assemble(sections);
    }

    private static byte[] Assemble((string Name, uint Type, byte[] Bytes, uint Link, ulong EntrySize)[] sections)
    {
        int bodyBytes = sections.Sum(section => section.Bytes.Length);
        int tableAt = (64 + bodyBytes + 7) / 8 * 8;
        byte[] file = new byte[tableAt + (sections.Length * SectionHeaderSize)];
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2; // 64-bit
        file[5] = 1; // little-endian
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 1); // ET_REL
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62); // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)tableAt);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), SectionHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), (ushort)sections.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), (ushort)(sections.Length - 1));
        int at = 64, nameAt = 0;
        for (int i = 0; i < sections.Length; i++)
        {
            sections[i].Bytes.CopyTo(file, at);
            Span<byte> header = file.AsSpan(tableAt + (i * SectionHeaderSize));
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)nameAt);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], sections[i].Type);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)sections[i].Bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[40..], sections[i].Link);
            BinaryPrimitives.WriteUInt64LittleEndian(header[48..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(header[56..], sections[i].EntrySize);
            at += sections[i].Bytes.Length;
            nameAt += sections[i].Name.Length + 1;
        }

        return file;
    }

    /// <summary>The null symbol, then one undefined global symbol for each name.</summary>
    private static byte[] Symbols(string[] undefined)
    {
        byte[] table = new byte[(undefined.Length + 1) * SymbolSize];
        int nameAt = 1;
        for (int i = 0; i < undefined.Length; i++)
        {
            Span<byte> symbol = table.AsSpan((i + 1) * SymbolSize);
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, (uint)nameAt);
            symbol[4] = 0x10; // STB_GLOBAL, STT_NOTYPE
            nameAt += undefined[i].Length + 1;
        }

        return table;
    }

    private static byte[] Strings(IEnumerable<string> texts) => Encoding.ASCII.GetBytes(string.Concat(texts.Select(text => text + "\0")));
}
