using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Etcd;

public sealed class EtcdSnapshotRuleTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void A_snapshot_s_name_says_when_it_was_taken_and_at_which_revision()
    {
        string name = EtcdSnapshotRule.NameOf(_now, 4711);

        name.ShouldBe("20260304T050607Z-4711.db");
        EtcdSnapshotRule.TakenAt(name).ShouldBe(_now);
    }

    [Theory]
    [InlineData("next.partial")]
    [InlineData("20260304T050607Z-4711.db.partial")]
    [InlineData("20261304T050607Z-4711.db")]
    [InlineData("mine.db")]
    public void A_file_of_another_name_is_no_snapshot_by_schedule(string name) => EtcdSnapshotRule.TakenAt(name).ShouldBeNull();

    [Theory]
    [InlineData(null, true)]
    [InlineData(-59, false)]
    [InlineData(-60, true)]
    [InlineData(5, true)] // the clock was wrong once
    public void A_snapshot_is_due_when_the_last_one_is_as_old_as_the_schedule_says(int? minutes, bool isDue) =>
        EtcdSnapshotRule.IsDue(
            minutes is int at ? [EtcdSnapshotRule.NameOf(_now.AddMinutes(at), 1)] : [], _now, TimeSpan.FromHours(1)).ShouldBe(isDue);

    [Fact]
    public void Snapshots_that_a_wrong_clock_dated_into_the_future_neither_hasten_the_next_nor_drive_the_newest_out()
    {
        string late = EtcdSnapshotRule.NameOf(_now.AddYears(1), 7), newest = EtcdSnapshotRule.NameOf(_now.AddMinutes(-10), 9);

        EtcdSnapshotRule.IsDue([late, newest], _now, TimeSpan.FromHours(1)).ShouldBeFalse();
        EtcdSnapshotRule.Surplus([(late, 10), (newest, 10)], _now, keep: 1, maxBytes: 100).ShouldBe([late]);
        EtcdSnapshotRule.Describe([late], _now, TimeSpan.FromHours(1)).Detail.ShouldBe("none that is not dated later than now");
    }

    [Theory]
    [InlineData(8, 100, "")]
    [InlineData(2, 100, "1")]
    [InlineData(1, 100, "2 1")]
    [InlineData(8, 25, "1")]
    [InlineData(8, 5, "2 1")] // the newest stays, whatever its size
    public void The_oldest_go_where_they_are_too_many_or_too_much(int keep, long maxBytes, string gone) =>
        string.Join(' ', EtcdSnapshotRule.Surplus([("2", 10), ("3", 10), ("1", 10)], _now, keep, maxBytes)).ShouldBe(gone);

    [Theory]
    [InlineData("", true, "none yet")]
    [InlineData("20260303T230607Z-1.db 20260304T000607Z-2.db", true, "2, the newest of 2026-03-04 00:06")]
    [InlineData("20260303T170000Z-1.db", false, "1, the newest of 2026-03-03 17:00")]
    public void The_status_says_how_old_the_newest_is_and_misses_one_that_is_late(string names, bool isWell, string detail) =>
        EtcdSnapshotRule.Describe(names.Split(' ', StringSplitOptions.RemoveEmptyEntries), _now, TimeSpan.FromHours(6))
            .ShouldBe(new Surrounding("snapshots of etcd", isWell, detail));

    [Theory]
    [InlineData(100L << 30, 4L << 30)]
    [InlineData(8L << 30, 2L << 30)]
    [InlineData(100L << 20, 64L << 20)]
    public void The_database_may_take_a_quarter_of_the_disk_and_at_most_four_gibibytes(long disk, long quota) =>
        EtcdQuota.Of(disk).ShouldBe(quota);
}
