using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Reporting;

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

    [Theory]
    [InlineData("+Inf", "1e999")]
    [InlineData("1e300", "9")]
    [InlineData("NaN", "9")]
    [InlineData("1", "NaN")]
    [InlineData("1", "-5")]
    public void What_is_no_time_or_no_count_is_left_out(string seconds, string count) =>
        FsyncLatency.Parse($"etcd_disk_wal_fsync_duration_seconds_bucket{{le=\"{seconds}\"}} {count}\n").Buckets.ShouldBeEmpty();

    [Fact]
    public void Counts_that_run_backwards_give_a_time_all_the_same()
    {
        FsyncLatency odd = new([(0.001, 10), (double.PositiveInfinity, 0), (0.004, 3), (double.PositiveInfinity, 900)]);
        odd.P99Since(new FsyncLatency([(0.001, 0), (double.PositiveInfinity, 0), (0.004, 0), (double.PositiveInfinity, 0)]), 1).ShouldBeNull();
        new FsyncLatency([(0.001, 500), (0.002, 1000), (double.PositiveInfinity, 100)])
            .P99Since(new FsyncLatency([(0.001, 900), (0.002, 0), (double.PositiveInfinity, 0)]), 1).ShouldNotBeNull()
            .ShouldBeInRange(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public async Task A_disk_that_is_slow_is_said_once_and_stands_in_the_status_until_it_is_well()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}"); // without certificates: etcd is not asked
        EtcdAccess access = EtcdNode.Access(new NodeRoot(folder), TimeProvider.System);
        Queue<string> looks = new([
            Metrics(0, 0, 0, 0), Metrics(0, 1000, 1000, 1000), Metrics(0, 1000, 1200, 1200), Metrics(0, 1000, 2000, 2000),
            .. Enumerable.Range(1, 6).Select(look => Metrics(9000 * look, (9000 * look) + 1000, (9000 * look) + 2000, (9000 * look) + 2000))]);
        List<string> said = [];
        List<EtcdHealth> shown = [];
        using CancellationTokenSource end = new();
        EtcdCare care = new(
            "127.0.0.1", access, access, 1 << 30, _ => Task.FromResult<string?>(looks.Dequeue()), new Narrator(said.Add),
            health =>
            {
                shown.Add(health);
                if (looks.Count == 0)
                {
                    end.Cancel();
                }
            },
            new VirtualTime());

        await Should.ThrowAsync<OperationCanceledException>(care.RunAsync(end.Token));

        said.ShouldHaveSingleItem().ShouldStartWith("etcd.service: its disk is slow: one in a hundred fsyncs takes ");
        shown[0].Describe().ShouldBeEmpty("one look says nothing");
        shown[1].Describe().ShouldBe(["disk: 99 of 100 fsyncs take at most 7.9 ms"]);
        shown[3].IsDiskSlow.ShouldBeTrue();
        shown[3].Describe().Single().ShouldMatch(@"^slow disk: 99 of 100 fsyncs take at most 1\d\.?\d* ms, and 10 ms are the most");
        shown[^1].IsDiskSlow.ShouldBeFalse();
    }

    private static string Metrics(params int[] counts) => "# HELP etcd_disk_wal_fsync_duration_seconds The latency\n" + string.Concat(
        new[] { "0.001", "0.008", "0.016", "+Inf" }.Zip(counts).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"etcd_disk_wal_fsync_duration_seconds_bucket{{le=\"{pair.First}\"}} {pair.Second}\n")));
}
