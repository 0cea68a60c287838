using Images.Formats.Xz;
using Images.TestSupport;

namespace Images.Formats.Tests.Xz;

public sealed class CrcTests
{
    [Fact]
    public void The_check_values_of_both_polynomials_come_out()
    {
        Crc32.Append(0, "123456789"u8).ShouldBe(0xCBF43926u);
        Crc64.Append(0, "123456789"u8).ShouldBe(0x995DC9BBDF1939FAul);
    }

    [Fact]
    public void Parts_give_the_same_as_the_whole()
    {
        byte[] data = SampleData.Mixed(1000);
        for (int cut = 0; cut <= data.Length; cut++)
        {
            Crc32.Append(Crc32.Append(0, data.AsSpan(0, cut)), data.AsSpan(cut)).ShouldBe(Crc32.Append(0, data));
            Crc64.Append(Crc64.Append(0, data.AsSpan(0, cut)), data.AsSpan(cut)).ShouldBe(Crc64.Append(0, data));
        }
    }
}
