using System.Buffers.Binary;
using System.Text;
using Images.Formats;
using Images.Formats.Elf;

namespace Images.Baker.Kubernetes;

/// <summary>
/// What Go's linker says of a program, as debug/buildinfo of Go's library reads it: the section .go.buildinfo holds two
/// strings, since Go 1.18 in itself, before that by the address of their headers.
/// </summary>
/// <param name="GoVersion">As go1.26.1.</param>
/// <param name="Modules">The text about modules; empty for a program that was built without them (GOPATH).</param>
internal sealed record GoBuildInfo(string GoVersion, string Modules)
{
    private const int HeaderSize = 32;
    private const int PointerSize = 8;

    /// <summary>Flag: the strings stand in the section.</summary>
    private const int Inline = 2;

    /// <summary>Sixteen bytes before the text about modules and sixteen behind it say where it is in memory.</summary>
    private const int SentinelSize = 16;

    /// <returns>Null for a program that Go's linker did not make.</returns>
    /// <exception cref="MalformedDataException">It is damaged.</exception>
    public static GoBuildInfo? TryRead(ReadOnlyMemory<byte> program, string name)
    {
        ElfFile elf = ElfFile.Parse(program, name);
        if (elf.FindSection(".go.buildinfo"u8) is not { } section || section.Length < HeaderSize
            || !HasMagic(section.Span))
        {
            return null;
        }

        ReadOnlySpan<byte> info = section.Span;
        if ((info[15] & Inline) != 0)
        {
            ReadOnlySpan<byte> rest = info[HeaderSize..];
            string version = Encoding.UTF8.GetString(TakeString(ref rest, name));
            return new GoBuildInfo(version, TextOf(TakeString(ref rest, name)));
        }

        return info[14] == PointerSize && info[15] == 0
            ? new GoBuildInfo(
                Encoding.UTF8.GetString(StringAt(elf, BinaryPrimitives.ReadUInt64LittleEndian(info[16..]))),
                TextOf(StringAt(elf, BinaryPrimitives.ReadUInt64LittleEndian(info[24..]))))
            : throw new MalformedDataException(
                name, -1, $"its build information is for pointers of {info[14]} bytes with the flags {info[15]}");
    }

    private static bool HasMagic(ReadOnlySpan<byte> section) =>
        section[0] == 0xFF && section[1..].StartsWith(" Go buildinf:"u8);

    /// <summary>Length as an unsigned varint, then the bytes.</summary>
    private static ReadOnlySpan<byte> TakeString(ref ReadOnlySpan<byte> rest, string name)
    {
        int length = 0;
        for (int i = 0; i < 4 && i < rest.Length; i++)
        {
            length |= (rest[i] & 0x7F) << (7 * i);
            if ((rest[i] & 0x80) == 0 && length <= rest.Length - i - 1)
            {
                ReadOnlySpan<byte> text = rest[(i + 1)..(i + 1 + length)];
                rest = rest[(i + 1 + length)..];
                return text;
            }
        }

        throw new MalformedDataException(name, -1, "a string of its build information goes beyond the section");
    }

    /// <summary>A Go string in memory: address and length.</summary>
    private static ReadOnlySpan<byte> StringAt(ElfFile elf, ulong address)
    {
        ReadOnlySpan<byte> header = address == 0 ? default : elf.AtAddress(address, 2 * PointerSize).Span;
        return header.IsEmpty
            ? default
            : elf.AtAddress(
                BinaryPrimitives.ReadUInt64LittleEndian(header),
                BinaryPrimitives.ReadUInt64LittleEndian(header[PointerSize..])).Span;
    }

    private static string TextOf(ReadOnlySpan<byte> modules) =>
        modules.Length > 2 * SentinelSize && modules[^(SentinelSize + 1)] == (byte)'\n'
            ? Encoding.UTF8.GetString(modules[SentinelSize..^SentinelSize])
            : "";
}
