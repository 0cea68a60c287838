using System.IO.Compression;
using Images.Formats.Gzip;
using Images.TestSupport;

namespace Images.Formats.Tests.Gzip;

public sealed class GzipDataTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65536)]
    [InlineData(1 << 20)]
    public void What_gzip_made_is_decoded_to_the_same_bytes(int size)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["data"], SampleData.Mixed(size));
        Judge.Run("gzip", folder["data"]);
        Decode(File.ReadAllBytes(folder["data.gz"])).AsSpan().SequenceEqual(SampleData.Mixed(size)).ShouldBeTrue();
    }

    [Fact]
    public void Data_cut_off_anywhere_are_refused()
    {
        byte[] packed = Compress(SampleData.Mixed(2000));
        for (int length = 0; length < packed.Length; length++)
        {
            Should.Throw<MalformedDataException>(() => Decode(packed[..length]), $"cut off at {length}");
        }
    }

    [Fact]
    public void The_refusal_of_data_that_were_cut_off_says_so()
    {
        byte[] packed = Compress(SampleData.Mixed(2000));
        foreach (int missing in new[] { 1, 8, 12, packed.Length / 2 })
        {
            Should.Throw<MalformedDataException>(() => Decode(packed[..^missing])).Rule
                .ShouldBe("the gzip data end early: they were cut off");
        }
    }

    [Fact]
    public void Several_members_and_zeros_behind_them_are_one_file_as_for_gzip()
    {
        byte[] packed = [.. Compress("one "u8.ToArray()), .. Compress("two"u8.ToArray()), 0, 0, 0];
        Decode(packed).ShouldBe("one two"u8.ToArray());

        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["two.gz"], packed);
        Judge.Run("gzip", "-dc", folder["two.gz"]).ShouldBe("one two");
    }

    [Fact]
    public void Other_data_behind_and_a_wrong_sum_are_refused()
    {
        byte[] packed = Compress(SampleData.Mixed(2000));
        Refusal([.. packed, .. "behind"u8]).ShouldBe("other data follow the gzip data");
        packed[^8] ^= 1;
        Refusal(packed).ShouldBe("the gzip trailer's CRC32 or size does not match");
    }

    [Fact]
    public void More_than_the_limit_is_refused_and_the_limit_itself_is_not()
    {
        GzipData.Decompress(Compress(new byte[1000]), 1000, "x").Length.ShouldBe(1000);
        Should.Throw<MalformedDataException>(() => GzipData.Decompress(Compress(new byte[1001]), 1000, "x"))
            .Rule.ShouldBe("the gzip data unpack to more than 1000 bytes");
        byte[] half = Compress(new byte[600]);
        Should.Throw<MalformedDataException>(() => GzipData.Decompress([.. half, .. half], 1000, "x"));
    }

    private static string Refusal(byte[] packed) => Should.Throw<MalformedDataException>(() => Decode(packed)).Rule;

    private static byte[] Decode(byte[] packed) => GzipData.Decompress(packed, 1 << 20, "data");

    private static byte[] Compress(byte[] data)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(data);
        }

        return packed.ToArray();
    }
}
