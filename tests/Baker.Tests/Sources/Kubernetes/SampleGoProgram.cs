using System.Buffers.Binary;
using System.Text;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>ELF files with no more than what Go's linker says of a program, in the form of Go 1.18 and in the older one.</summary>
internal static class SampleGoProgram
{
    private const int HeaderSize = 64, ProgramHeaderSize = 56, SectionHeaderSize = 64;
    private const ulong Base = 0x400000;

    public static byte[] Inline(string version, string modules) =>
        Assemble(_ => [.. Header(8, 2), .. new byte[16], .. String(Encoding.UTF8.GetBytes(version)), .. String(Framed(modules))]);

    public static byte[] ByPointers(string version, string modules) => Assemble(start =>
    {
        byte[] first = Encoding.UTF8.GetBytes(version), second = Framed(modules);
        ulong headers = Base + (ulong)start + 32, text = headers + 32;
        return [.. Header(8, 0), .. Number(headers), .. Number(headers + 16), .. Number(text), .. Number((ulong)first.Length), .. Number(text + (ulong)first.Length), .. Number((ulong)second.Length), .. first, .. second];
    });

    /// <summary>One loaded segment that is the whole file, the section with the information, and that with the names.</summary>
    public static byte[] Assemble(Func<int, byte[]> information)
    {
        int start = HeaderSize + ProgramHeaderSize;
        byte[] info = information(start), names = "\0.go.buildinfo\0.shstrtab\0"u8.ToArray();
        int tables = start + info.Length + names.Length;
        byte[] file = new byte[tables + (3 * SectionHeaderSize)];
        byte[] identity = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)tables);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), SectionHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(HeaderSize), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(HeaderSize + 16), Base);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(HeaderSize + 32), (ulong)file.Length);
        info.CopyTo(file, start);
        names.CopyTo(file, start + info.Length);
        Section(file.AsSpan(tables + SectionHeaderSize), 1, start, info.Length);
        Section(file.AsSpan(tables + (2 * SectionHeaderSize)), 15, start + info.Length, names.Length);
        return file;
    }

    private static void Section(Span<byte> header, uint name, int offset, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, name);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)length);
    }

    public static byte[] Header(byte pointerSize, byte flags) => [0xFF, .. " Go buildinf:"u8, pointerSize, flags];

    private static byte[] Number(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>The length as an unsigned varint, then the bytes.</summary>
    private static byte[] String(byte[] text)
    {
        List<byte> length = [];
        int rest = text.Length;
        for (; rest >= 0x80; rest >>= 7)
        {
            length.Add((byte)((rest & 0x7F) | 0x80));
        }

        return [.. length, (byte)rest, .. text];
    }

    private static byte[] Framed(string modules) => modules.Length == 0 ? [] : [.. new byte[16], .. Encoding.UTF8.GetBytes(modules), .. new byte[16]];
}
