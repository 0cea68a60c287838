using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Uki;
using Images.TestSupport;

namespace Images.Formats.Tests.Uki;

public sealed class UkiWriterTests
{
    [Fact]
    public void Objdump_lists_and_extracts_the_sections()
    {
        UkiContent content = ContentOf(initrdBytes: 5000, kernelBytes: 100_001);
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["node.efi"], Write(content));

        string[] rows = [.. Judge.Run("objdump", "-h", folder["node.efi"]).Split('\n').Where(line => line.Contains("2**", StringComparison.Ordinal))];
        rows.Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(words => $"{words[1]} {words[2]} {words[3].TrimStart('0')} {words[5]}").ShouldBe(
        [
            ".text 000001f0 1000 00000600",
            ".osrel 0000000a 2000 00000800",
            ".cmdline 0000000f 3000 00000a00",
            ".uname 00000008 4000 00000c00",
            ".initrd 00001388 5000 00000e00",
            ".linux 000186a1 7000 00002200",
        ]);
        Judge.Run("objcopy", "-O", "binary", "--only-section=.linux", "--set-section-flags", ".linux=alloc,contents,load", folder["node.efi"], folder["kernel"]);
        File.ReadAllBytes(folder["kernel"])[..content.Kernel.Length].ShouldBe(content.Kernel.ToArray());
    }

    [Fact]
    public void The_headers_count_the_new_sections()
    {
        byte[] file = Write(ContentOf(initrdBytes: 1, kernelBytes: 0x1001));
        BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(0x86)).ShouldBe((ushort)6);
        BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(0x98 + 8)).ShouldBe(0x200u + (4 * 0x200) + 0x1200); // initialised data
        BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(0x98 + 56)).ShouldBe(0x8000u); // image
        BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(0x98 + 64)).ShouldBe(0u); // checksum
        (file.Length % 0x200).ShouldBe(0);
    }

    [Fact]
    public void Whatever_the_sizes_what_was_written_is_read_again()
    {
        Gen<int> sizes = Gen.Elements(0, 1, 0x1FF, 0x200, 0x201, 0xFFF, 0x1000, 0x1001, 70_000);
        Prop.ForAll(sizes.Two().ToArbitrary(), pair =>
        {
            UkiContent content = ContentOf(pair.Item1, pair.Item2);
            UkiContent read = UkiReader.Read(Write(content), "node.efi");
            return read.Initrd.Span.SequenceEqual(content.Initrd.Span) && read.Kernel.Span.SequenceEqual(content.Kernel.Span)
                && read.OsRelease.AsSpan().SequenceEqual(content.OsRelease) && read.CommandLine == content.CommandLine && read.KernelRelease == content.KernelRelease;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_stub_without_room_for_the_section_rows_is_refused() =>
        Should.Throw<MalformedDataException>(() => Write(ContentOf(1, 1) with { Stub = HandMadeStub.Create(headerBytes: 0x200) }))
            .Message.ShouldContain("has room for 2 more; 5 are needed");

    [Fact]
    public void A_stub_for_another_machine_is_refused() =>
        Should.Throw<MalformedDataException>(() => Write(ContentOf(1, 1) with { Stub = HandMadeStub.Create(machine: 0xAA64) })).Message.ShouldContain("0xAA64");

    [Fact]
    public void A_stub_that_holds_a_kernel_already_is_refused() =>
        Should.Throw<MalformedDataException>(() => Write(ContentOf(1, 1) with { Stub = Write(ContentOf(1, 1)) })).Message.ShouldContain("holds a kernel already");

    [Fact]
    public void A_file_cut_short_is_refused()
    {
        byte[] whole = Write(ContentOf(3, 3));
        for (int length = 0; length < whole.Length - 0x1FD; length += 7)
        {
            Should.Throw<MalformedDataException>(() => UkiReader.Read(whole[..length], "short.efi"));
        }
    }

    [Fact]
    public void A_file_without_a_kernel_is_no_unified_kernel_image() =>
        Should.Throw<MalformedDataException>(() => UkiReader.Read(HandMadeStub.Create(), "stub")).Message.ShouldContain("no section .osrel");

    private static UkiContent ContentOf(int initrdBytes, int kernelBytes) => new()
    {
        Stub = HandMadeStub.Create(),
        OsRelease = Encoding.ASCII.GetBytes("ID=debian\n"),
        CommandLine = "ro console=tty0",
        KernelRelease = "6.0-test",
        Initrd = Enumerable.Range(0, initrdBytes).Select(i => unchecked((byte)(i * 7))).ToArray(),
        Kernel = Enumerable.Range(0, kernelBytes).Select(i => unchecked((byte)(i * 13))).ToArray(),
    };

    private static byte[] Write(UkiContent content)
    {
        using MemoryStream output = new();
        UkiWriter.Write(content, output);
        return output.ToArray();
    }
}
