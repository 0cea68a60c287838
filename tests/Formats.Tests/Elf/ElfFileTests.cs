using System.Buffers.Binary;
using Images.Formats.Elf;

namespace Images.Formats.Tests.Elf;

public sealed class ElfFileTests
{
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;
    private const int Dynamic = 256;
    private const int Strings = 512;

    [Fact]
    public void A_tag_that_no_linker_writes_is_passed_over_however_large_it_is() =>
        ElfFile.Parse(Program((ulong.MaxValue, 7UL), (1UL, 1UL), (5UL, (ulong)Strings), (0UL, 0UL)), "program").ReadNeeded().ShouldBe(["libc.so.6"]);

    [Theory]
    [InlineData(1UL, ulong.MaxValue)]
    [InlineData(5UL, ulong.MaxValue)]
    [InlineData(1UL, 1UL << 40)]
    public void A_name_that_lies_nowhere_is_refused(ulong tag, ulong value) =>
        Should.Throw<MalformedDataException>(() => ElfFile.Parse(Program((1UL, 1UL), (tag, value), (0UL, 0UL)), "program").ReadNeeded());

    [Fact]
    public void A_dynamic_section_that_lies_nowhere_is_refused()
    {
        byte[] program = Program((1UL, 1UL), (0UL, 0UL));
        BinaryPrimitives.WriteUInt64LittleEndian(program.AsSpan(64 + 56 + 8), ulong.MaxValue); // its offset
        Should.Throw<MalformedDataException>(() => ElfFile.Parse(program, "program").ReadNeeded());
    }

    /// <summary>A file of two segments: all of it is loaded at 0, and the dynamic section lies in it.</summary>
    private static byte[] Program(params ReadOnlySpan<(ulong Tag, ulong Value)> entries)
    {
        byte[] file = new byte[Strings + 64];
        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5], file[6]) = (2, 1, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        WriteSegment(file.AsSpan(64), LoadSegment, 0, (ulong)file.Length);
        WriteSegment(file.AsSpan(64 + 56), DynamicSegment, Dynamic, (ulong)entries.Length * 16);
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(Dynamic + (16 * i)), entries[i].Tag);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(Dynamic + (16 * i) + 8), entries[i].Value);
        }

        "\0libc.so.6\0"u8.CopyTo(file.AsSpan(Strings));
        return file;
    }

    private static void WriteSegment(Span<byte> header, uint type, ulong offset, ulong size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], size);
    }
}
