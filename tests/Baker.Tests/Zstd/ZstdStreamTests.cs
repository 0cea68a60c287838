using Images.Baker.Zstd;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Zstd;

/// <summary>zstd(1) makes the files and judges them; it is asked for every form that a package or a third party may have.</summary>
public sealed class ZstdStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("-1")]
    [InlineData("-19")]
    [InlineData("--ultra -22")]
    [InlineData("--fast=5")]
    [InlineData("-3 --no-check")]
    [InlineData("-3 --no-content-size")]
    [InlineData("-3 --long=27")]
    [InlineData("-19 --target-compressed-block-size=1500")]
    public void What_zstd_packs_is_read_whatever_its_size_and_form(string options)
    {
        foreach (int size in (int[])[0, 1, 255, 256, 257, 65_791, 65_792, 131_071, 131_072, 131_073, 700_000])
        {
            byte[] content = SampleData.Mixed(size);
            Unpack(Pack(content, options)).ShouldBe(content, $"{size} bytes");
        }
    }

    [Fact]
    public void A_block_of_one_repeated_byte_and_one_that_is_not_packed_are_read()
    {
        byte[] content = [.. new byte[300_000], .. Noise(200_000)];
        Unpack(Pack(content, "-3")).ShouldBe(content);
    }

    [Fact]
    public void Frames_behind_one_another_are_one_text_and_those_to_be_skipped_are_none()
    {
        byte[] first = SampleData.Mixed(1000), second = SampleData.Mixed(200_000);
        byte[] skipped = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        byte[] file = [.. skipped, .. Pack(first, "-3"), .. skipped, .. Pack(second, "-9")];
        byte[] content = [.. first, .. second];
        Unpack(file).ShouldBe(content);
        Judged(file).ShouldBe(content);
    }

    [Theory]
    [InlineData("-3")]
    [InlineData("-3 --no-check")]
    [InlineData("-3 --no-check --no-content-size")]
    public void A_file_cut_off_anywhere_is_refused(string options)
    {
        byte[] file = [.. Pack(SampleData.Mixed(3000), options), .. Pack(SampleData.Mixed(200), options)];
        int whole = Pack(SampleData.Mixed(3000), options).Length;
        for (int length = 0; length < file.Length; length++)
        {
            if (length != whole) // one frame of two is a whole file
            {
                Should.Throw<MalformedDataException>(() => Unpack(file[..length]), $"cut off at {length}");
            }
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("00000000")]
    [InlineData("28B52F")]
    [InlineData("28B52FFD")]
    [InlineData("502A4D18")]
    [InlineData("502A4D18FFFFFFFF00")]
    [InlineData("1F8B0800")]
    public void What_follows_and_is_no_frame_is_refused_and_zstd_says_so_too(string garbage)
    {
        byte[] file = [.. Pack(SampleData.Mixed(3000), "-3"), .. Convert.FromHexString(garbage)];
        Should.Throw<MalformedDataException>(() => Unpack(file));
        Judge.Try("zstd", ["-dc", "-o", _folder["judged"], "-f", Write("behind", file)]).ExitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("502A4D180000000000")]
    [InlineData("504B0304")]
    public void What_holds_no_frame_is_refused(string file) =>
        Should.Throw<MalformedDataException>(() => Unpack(Convert.FromHexString(file)));

    [Fact]
    public void A_changed_bit_is_refused_or_changes_nothing()
    {
        byte[] content = SampleData.Mixed(4000);
        byte[] file = Pack(content, "-19");
        int accepted = 0;
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] changed = [.. file];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                Unpack(changed).ShouldBe(content, $"bit {bit}");
                accepted++;
            }
            catch (MalformedDataException)
            {
                // refused by name
            }
        }

        accepted.ShouldBeLessThan(file.Length * 8 / 100, "only bits of no meaning for these data: unused ones, a larger window");
    }

    [Fact]
    public void A_window_beyond_the_limit_is_refused_before_it_is_made()
    {
        // a frame header of its own: magic, no size, exponent 18 with mantissa 0 is 256 MiB
        byte[] file = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 18 << 3, 0x01, 0x00, 0x00];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<MalformedDataException>(() => Unpack(file)).Message.ShouldContain("a window of 268435456 bytes; at most 134217728");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        Judge.Try("zstd", "-dc", Write("window", file)).ExitCode.ShouldNotBe(0);
        file[5] = 17 << 3;
        Unpack(file).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("28B52FFD0858010000", "a reserved bit")]
    [InlineData("28B52FFD015807010000", "needs a dictionary")]
    [InlineData("28B52FFDE0000000000400000001", "holds 17179869184 bytes")]
    [InlineData("28B52FFD0058070000", "of the kind that is reserved")]
    [InlineData("28B52FFD0058110010", "at most 131072 are allowed")]
    [InlineData("28B52FFD0000290020", "a block has 262149 bytes; at most 1024")]
    public void A_header_that_asks_for_what_is_not_read_is_refused_by_name(string file, string expected) =>
        Should.Throw<MalformedDataException>(() => Unpack(Convert.FromHexString(file))).Message.ShouldContain(expected);

    private byte[] Pack(byte[] content, string options)
    {
        string path = Write("content", content);
        Judge.Run("zstd", ["-q", "-f", .. options.Split(' '), path, "-o", path + ".zst"]);
        return File.ReadAllBytes(path + ".zst");
    }

    private byte[] Judged(byte[] file)
    {
        Judge.Run("zstd", "-q", "-d", "-f", Write("judged.zst", file), "-o", _folder["judged"]);
        return File.ReadAllBytes(_folder["judged"]);
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder[name], content);
        return _folder[name];
    }

    private static byte[] Noise(int size)
    {
        byte[] noise = new byte[size];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static byte[] Unpack(byte[] file)
    {
        using ZstdStream stream = new(new TricklingStream(new MemoryStream(file), atMost: 1000), "sample.zst");
        using MemoryStream output = new();
        stream.CopyTo(output);
        return output.ToArray();
    }
}
