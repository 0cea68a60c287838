using System.Globalization;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// How long the disk takes to make etcd's log durable, from the counts that etcd gives to Prometheus: how many fsyncs
/// have taken at most so long since its start.
/// </summary>
/// <param name="Buckets">Seconds and counts, ascending; the last one counts all.</param>
internal sealed record FsyncLatency(IReadOnlyList<(double Seconds, double Count)> Buckets)
{
    private const string Prefix = "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"";

    /// <summary>Beyond, a text is no time and no count of an etcd.</summary>
    private const double MostSeconds = 1e6, MostCount = 1e15;

    public double Count => Buckets.Count == 0 ? 0 : Buckets[^1].Count;

    /// <param name="metrics">In Prometheus' text form; other lines count for nothing.</param>
    public static FsyncLatency Parse(string metrics)
    {
        List<(double, double)> buckets = [];
        foreach (string line in metrics.Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string[] parts = line[Prefix.Length..].Split("\"} ", 2);
            if (parts.Length == 2
                && Number(parts[0]) is double seconds and (<= MostSeconds or double.PositiveInfinity)
                && Number(parts[1]) is double count and <= MostCount)
            {
                buckets.Add((seconds, count));
            }
        }

        return new FsyncLatency(buckets);
    }

    /// <summary>
    /// What 99 of 100 fsyncs since an earlier look took at most; null where there were too few to say.
    /// </summary>
    /// <param name="earlier">Of the same process: one that has started anew counts anew.</param>
    /// <param name="fewest">Fsyncs that it takes to say anything.</param>
    public TimeSpan? P99Since(FsyncLatency earlier, int fewest)
    {
        double all = Count - earlier.Count;
        if (all < fewest || earlier.Buckets.Count != Buckets.Count)
        {
            return null;
        }

        double wanted = all * 0.99, below = 0, from = 0;
        for (int index = 0; index < Buckets.Count; index++)
        {
            (double upTo, double count) = Buckets[index];
            double within = count - earlier.Buckets[index].Count;
            if (double.IsInfinity(upTo))
            {
                return within >= wanted ? TimeSpan.FromSeconds(from) : null; // and more, which nobody counts
            }

            if (within >= wanted)
            {
                double share = Math.Clamp((wanted - below) / Math.Max(1, within - below), 0, 1);
                return TimeSpan.FromSeconds(from + ((upTo - from) * share));
            }

            (below, from) = (within, upTo);
        }

        return null;
    }

    private static double? Number(string text) => text.Trim() == "+Inf" ? double.PositiveInfinity
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) && number >= 0 ? number
        : null;
}
