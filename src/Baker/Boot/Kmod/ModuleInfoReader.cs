using System.Text;
using Images.Formats;
using Images.Formats.Elf;

namespace Images.Baker.Boot.Kmod;

/// <summary>
/// Reads a module's own words about itself: <c>key=value</c> strings, each ended by NUL, in the section
/// <c>.modinfo</c>.
/// </summary>
internal static class ModuleInfoReader
{
    /// <param name="module">The uncompressed module.</param>
    /// <param name="path">Relative to the kernel's module folder.</param>
    public static ModuleInfo Read(ReadOnlyMemory<byte> module, string path)
    {
        ElfFile elf = ElfFile.Parse(module, path);
        ReadOnlyMemory<byte> section = elf.FindSection(".modinfo"u8)
            ?? throw new MalformedDataException(path, -1, "the module has no section .modinfo.");
        ILookup<string, string> words = SplitStrings(section)
            .Select(text => text.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return new ModuleInfo
        {
            Name = ModuleName.FromPath(path),
            Path = path,
            Depends = [.. words["depends"]
                .SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                .Select(ModuleName.Normalize)],
            Aliases = [.. words["alias"]],
            SoftDependencies = [.. words["softdep"]],
            WeakDependencies = [.. words["weakdep"]],
            Firmware = [.. words["firmware"]],
            Symbols = [.. ReadExports(elf)],
        };
    }

    /// <summary>
    /// As depmod: the symbols that have a checksum; without any (a kernel without CONFIG_MODVERSIONS) the strings of
    /// the export table, among which the names of symbol namespaces stand too.
    /// </summary>
    private static IEnumerable<string> ReadExports(ElfFile elf) =>
        elf.ReadSymbolNames("__crc_"u8) is { Count: > 0 } checksummed
            ? checksummed
            : SplitStrings(elf.FindSection("__ksymtab_strings"u8) ?? ReadOnlyMemory<byte>.Empty);

    /// <summary>The non-empty strings of a section of NUL-ended strings.</summary>
    public static IEnumerable<string> SplitStrings(ReadOnlyMemory<byte> section) =>
        Encoding.UTF8.GetString(section.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
