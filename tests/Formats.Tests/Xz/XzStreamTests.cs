using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Xz;
using Images.TestSupport;

namespace Images.Formats.Tests.Xz;

public sealed class XzStreamTests
{
    [Theory]
    [InlineData("--check=none")]
    [InlineData("--check=crc32")]
    [InlineData("--check=crc64")]
    [InlineData("--check=sha256")]
    [InlineData("-0")]
    [InlineData("-9e")]
    [InlineData("--block-size=10000")]
    [InlineData("--block-size=65536 -T2")]
    [InlineData("--lzma2=dict=4KiB,lc=0,lp=0,pb=0")]
    [InlineData("--lzma2=dict=8KiB,lc=4,lp=0,pb=4")]
    [InlineData("--lzma2=dict=64KiB,lc=0,lp=4,pb=2")]
    [InlineData("--lzma2=dict=1MiB,lc=1,lp=3,pb=0,nice=273,mf=bt2")]
    [InlineData("--lzma2=mode=fast,mf=hc4,nice=4")]
    public void What_xz_made_with_any_option_is_decoded_to_the_same_bytes(string options)
    {
        byte[] data = SampleData.Mixed(3_000_000);
        Decode(Compress(data, options)).ShouldBe(data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData((64 << 10) - 1)]
    [InlineData(64 << 10)]
    [InlineData((64 << 10) + 1)]
    [InlineData((2 << 20) - 1)]
    [InlineData(2 << 20)]
    [InlineData((2 << 20) + 1)]
    public void Sizes_around_the_boundaries_of_chunks_are_decoded(int size)
    {
        Decode(Compress(SampleData.Mixed(size), "-1")).ShouldBe(SampleData.Mixed(size));
        Decode(Compress(new byte[size], "-1")).ShouldBe(new byte[size]);
        byte[] noise = new byte[size];
        new Random(size).NextBytes(noise);
        Decode(Compress(noise, "-1")).ShouldBe(noise);
    }

    [Fact]
    public void A_dictionary_smaller_than_the_data_slides_over_them()
    {
        // more than the window holds, with matches up to the full distance
        byte[] data = SampleData.Mixed(24 << 20, seed: 7);
        Decode(Compress(data, "--lzma2=preset=0,dict=1MiB")).AsSpan().SequenceEqual(data).ShouldBeTrue();
    }

    [Fact]
    public void Several_streams_with_padding_between_them_are_one_file()
    {
        byte[] first = Compress(SampleData.Mixed(100_000), "-1 --check=sha256"), second = Compress(SampleData.Mixed(5), "-1 --check=crc32");
        Decode([.. first, 0, 0, 0, 0, .. second, .. second, 0, 0, 0, 0, 0, 0, 0, 0])
            .ShouldBe([.. SampleData.Mixed(100_000), .. SampleData.Mixed(5), .. SampleData.Mixed(5)]);
        Should.Throw<MalformedDataException>(() => Decode([.. first, 0, 0, 0]));
        Should.Throw<MalformedDataException>(() => Decode([.. first, 0, .. second]));
        Should.Throw<MalformedDataException>(() => Decode([.. first, .. "garbage"u8]));
    }

    [Fact]
    public void Random_sizes_block_sizes_and_checks_are_decoded() =>
        Prop.ForAll(
            (from size in Gen.Choose(0, 300_000)
             from block in Gen.Choose(1, 100_000)
             from check in Gen.Elements("none", "crc32", "crc64", "sha256")
             from seed in Gen.Choose(0, 1 << 30)
             select (size, block, check, seed)).ToArbitrary(),
            sample =>
            {
                byte[] data = SampleData.Mixed(sample.size, sample.seed);
                int block = Math.Max(sample.block, sample.size / 50);
                Decode(Compress(data, $"-1 --block-size={block} --check={sample.check}")).ShouldBe(data);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_dictionary_beyond_the_limit_is_refused_before_it_is_allocated() =>
        Should.Throw<MalformedDataException>(() => Decode(Compress([1, 2, 3], "--lzma2=dict=768MiB,mf=hc3,mode=fast")))
            .Message.ShouldContain("dictionary");

    [Theory]
    [InlineData("--x86 --lzma2", "BCJ x86")]
    [InlineData("--delta=dist=4 --lzma2", "Delta")]
    public void A_filter_that_is_not_supported_is_refused_by_name(string options, string name) =>
        Should.Throw<MalformedDataException>(() => Decode(Compress(SampleData.Mixed(1000), options))).Message.ShouldContain(name);

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        byte[] file = [.. Compress(SampleData.Mixed(1500), "-1 --block-size=700"), .. Compress([], "-1")];
        int firstStream = Compress(SampleData.Mixed(1500), "-1 --block-size=700").Length;
        for (int length = 0; length < file.Length; length++)
        {
            if (length != firstStream)
            {
                Should.Throw<MalformedDataException>(() => Decode(file[..length]), $"cut off at {length}");
            }
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed()
    {
        byte[] file = Compress(SampleData.Mixed(1500), "-1 --block-size=700 --check=crc32");
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] flipped = [.. file];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<MalformedDataException>(() => Decode(flipped), $"bit {bit}");
        }
    }

    [Fact]
    public void Without_a_check_flipped_bytes_give_other_data_or_an_error_but_never_another_exception()
    {
        byte[] file = Compress(SampleData.Mixed(200_000), "-1 --check=none");
        Prop.ForAll(Gen.Choose(12, file.Length - 1).Two().Two().ToArbitrary(), place =>
        {
            byte[] flipped = [.. file];
            flipped[place.Item1.Item1] ^= (byte)(place.Item1.Item2 & 0xFF);
            flipped[place.Item2.Item1] ^= (byte)(place.Item2.Item2 & 0xFF);
            try
            {
                Decode(flipped);
            }
            catch (MalformedDataException)
            {
                // the other allowed outcome
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void It_reads_from_a_stream_that_trickles_and_leaves_it_open()
    {
        using MemoryStream inner = new(Compress(SampleData.Mixed(100_000), "-1"));
        using TricklingStream trickle = new(inner, 7);
        using MemoryStream output = new();
        using (XzStream xz = new(trickle, "x"))
        {
            xz.CopyTo(output);
        }

        output.ToArray().ShouldBe(SampleData.Mixed(100_000));
        inner.CanRead.ShouldBeTrue();
    }

    private static byte[] Compress(byte[] data, string options)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["data"], data);
        Judge.Run("xz", ["--keep", .. options.Split(' '), folder["data"]]);
        return File.ReadAllBytes(folder["data.xz"]);
    }

    private static byte[] Decode(byte[] file)
    {
        using XzStream xz = new(new MemoryStream(file), "test.xz");
        using MemoryStream output = new();
        xz.CopyTo(output);
        return output.ToArray();
    }
}
