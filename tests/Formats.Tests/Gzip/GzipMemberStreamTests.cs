using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Gzip;
using Images.Formats.Xz;
using Images.TestSupport;

namespace Images.Formats.Tests.Gzip;

public sealed class GzipMemberStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(3_000_000)]
    public void What_gzip_made_is_decoded_to_the_same_bytes(int size) =>
        Decode(Compress(SampleData.Mixed(size))).AsSpan().SequenceEqual(SampleData.Mixed(size)).ShouldBeTrue();

    [Fact]
    public void Optional_fields_of_the_header_are_passed_over()
    {
        byte[] file = Compress(SampleData.Mixed(500));
        byte[] head = [.. file[..3], 0x1F, .. file[4..10], 3, 0, 1, 2, 3, .. "name\0comment\0"u8];
        uint crc = Crc32.Append(0, head);
        Decode([.. head, (byte)(crc & 0xFF), (byte)((crc >> 8) & 0xFF), .. file[10..]]).ShouldBe(SampleData.Mixed(500));
        Should.Throw<MalformedDataException>(() => Decode([.. head, 0, 0, .. file[10..]]));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        byte[] file = Compress(SampleData.Mixed(2000));
        for (int length = 0; length < file.Length; length++)
        {
            Should.Throw<MalformedDataException>(() => Decode(file[..length]), $"cut off at {length}");
        }
    }

    [Fact]
    public void Anything_behind_the_member_is_refused()
    {
        byte[] file = Compress(SampleData.Mixed(2000));
        Should.Throw<MalformedDataException>(() => Decode([.. file, 0]));
        Should.Throw<MalformedDataException>(() => Decode([.. file, .. file]));
        Should.Throw<MalformedDataException>(() => Decode([.. file, .. "garbage that is longer than a trailer"u8]));
    }

    [Fact]
    public void Flipped_bytes_never_give_other_data() =>
        Prop.ForAll(Gen.Choose(0, 100_000).Two().ToArbitrary(), flip =>
        {
            byte[] file = Compress(SampleData.Mixed(2000));
            file[flip.Item1 % file.Length] ^= (byte)(flip.Item2 & 0xFF);
            try
            {
                Decode(file).ShouldBe(SampleData.Mixed(2000));
            }
            catch (MalformedDataException)
            {
                // the other allowed outcome
            }
        }).QuickCheckThrowOnFailure();

    private static byte[] Compress(byte[] data)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["data"], data);
        Judge.Run("gzip", "-n", folder["data"]);
        return File.ReadAllBytes(folder["data.gz"]);
    }

    private static byte[] Decode(byte[] file)
    {
        using GzipMemberStream gzip = new(new MemoryStream(file), "test.gz");
        using MemoryStream output = new();
        gzip.CopyTo(output);
        return output.ToArray();
    }
}
