using Images.Formats.SquashFs;

namespace Images.Formats.Tests;

public sealed class WorkLimitsTests
{
    private const long Dictionary = 8 << 20;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(8, 8, 8)]
    [InlineData(12, 8, 12)]
    [InlineData(256, 8, 16)]
    public void Few_processors_are_all_used_and_many_do_not_multiply(int processors, int items, int compressors) =>
        (WorkLimits.ItemsOn(processors), WorkLimits.CompressorsOn(processors)).ShouldBe((items, compressors));

    [Fact]
    public void Whatever_the_processors_what_is_under_way_fits_into_130_MiB()
    {
        long block = 2 * SquashFsConstants.BlockSize;
        for (int processors = 1; processors <= 1024; processors++)
        {
            long items = WorkLimits.ItemsOn(processors);
            long bytes = items * (Dictionary + (2 * WorkLimits.CompressorsOn(processors) * block));
            bytes.ShouldBeLessThan(130 << 20);
        }
    }
}
