using Images.Baker.Clusters;

namespace Images.Baker.Tests.Clusters;

/// <summary>Looking at a cluster may not starve it.</summary>
public sealed class PauseOfLooksTests
{
    [Theory]
    [InlineData(0.01, 0.5)]
    [InlineData(0.1, 0.5)]
    [InlineData(1.5, 7.5)]
    [InlineData(60, 10)]
    public void The_pause_is_five_times_what_the_look_took_but_never_shorter_than_asked_nor_longer_than_ten_seconds(double took, double pause) =>
        PauseOfLooks.After(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(took)).ShouldBe(TimeSpan.FromSeconds(pause));
}
