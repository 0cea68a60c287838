using System.Globalization;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

public sealed class FsyncLatencyTests
{
    [Theory]
    [InlineData(1000, 1000, 1000, 1000, 0.99)] // all within a millisecond
    [InlineData(0, 1000, 1000, 1000, 7.93)]
    [InlineData(900, 985, 1000, 1000, 10.67)] // fifteen of a thousand took longer than 8 ms
    [InlineData(0, 0, 0, 1000, 16)] // longer than anything that is counted
    public void What_99_of_100_took_is_read_from_counts(int to1, int to8, int to16, int all, double milliseconds)
    {
        FsyncLatency before = FsyncLatency.Parse(Metrics(5000, 6000, 7000, 7000));
        FsyncLatency now = FsyncLatency.Parse(Metrics(5000 + to1, 6000 + to8, 7000 + to16, 7000 + all));

        now.P99Since(before, 100)!.Value.TotalMilliseconds.ShouldBe(milliseconds, 0.01);
    }

    [Fact]
    public void Few_fsyncs_say_nothing() =>
        FsyncLatency.Parse(Metrics(0, 0, 0, 99)).P99Since(FsyncLatency.Parse(Metrics(0, 0, 0, 0)), 100).ShouldBeNull();

    [Fact]
    public void What_is_no_metric_of_the_log_counts_for_nothing()
    {
        FsyncLatency.Parse("").Count.ShouldBe(0);
        FsyncLatency.Parse("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"x\"} 7\n").Count.ShouldBe(0);
        FsyncLatency.Parse("etcd_disk_wal_fsync_duration_seconds_sum 1\nother 2\n").Buckets.ShouldBeEmpty();
    }

    private static string Metrics(params int[] counts) => "# HELP etcd_disk_wal_fsync_duration_seconds The latency\n" + string.Concat(
        new[] { "0.001", "0.008", "0.016", "+Inf" }.Zip(counts).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"etcd_disk_wal_fsync_duration_seconds_bucket{{le=\"{pair.First}\"}} {pair.Second}\n")));
}
