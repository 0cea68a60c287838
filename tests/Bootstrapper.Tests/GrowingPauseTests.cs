namespace Images.Bootstrapper.Tests;

public sealed class GrowingPauseTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_wait_is_at_most_a_tenth_and_a_first_pause_longer_than_what_it_waits_for()
    {
        for (int tenths = 0; tenths < 3000; tenths++)
        {
            TimeSpan awaited = TimeSpan.FromSeconds(tenths / 10.0);
            GrowingPause pause = new(_minute, TimeProvider.System);
            TimeSpan waited = TimeSpan.Zero;
            while (waited < awaited)
            {
                waited += pause.Next();
            }

            (waited - awaited).ShouldBeLessThanOrEqualTo(GrowingPause.Shortest + (awaited * 0.1));
        }
    }

    [Fact]
    public void A_minute_of_waiting_is_at_most_forty_looks()
    {
        GrowingPause pause = new(_minute, TimeProvider.System);
        Enumerable.Range(0, 40).Aggregate(TimeSpan.Zero, (waited, _) => waited + pause.Next()).ShouldBeGreaterThan(_minute);
    }

    [Fact]
    public void No_pause_is_longer_than_the_longest_and_after_a_restart_they_are_short_again()
    {
        GrowingPause pause = new(TimeSpan.FromSeconds(1), TimeProvider.System);
        TimeSpan[] pauses = [.. Enumerable.Range(0, 50).Select(_ => pause.Next())];
        pauses.ShouldBeInOrder(SortDirection.Ascending);
        pauses[^1].ShouldBe(TimeSpan.FromSeconds(1));

        pause.Restart();
        pause.Next().ShouldBe(GrowingPause.Shortest);
        new GrowingPause(TimeSpan.FromMilliseconds(50), TimeProvider.System).Next().ShouldBe(TimeSpan.FromMilliseconds(50));
    }
}
