using System.Globalization;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>When a member takes the next snapshot, and which ones go: pure.</summary>
internal static class EtcdSnapshotRule
{
    public const string Suffix = ".db";

    private const string Moment = "yyyyMMdd'T'HHmmss'Z'";
    private const int MomentLength = 16;

    /// <summary>Sorted by name, they are sorted by time.</summary>
    public static string NameOf(DateTimeOffset at, long revision) => string.Create(
        CultureInfo.InvariantCulture,
        $"{at.UtcDateTime.ToString(Moment, CultureInfo.InvariantCulture)}-{revision}{Suffix}");

    /// <summary>When it was taken; null for a file of another name.</summary>
    public static DateTimeOffset? TakenAt(string name) =>
        name.Length > MomentLength && name.EndsWith(Suffix, StringComparison.Ordinal)
        && DateTimeOffset.TryParseExact(
            name[..MomentLength], Moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset at)
            ? at
            : null;

    /// <summary>One that the clock says is of the future says only that the clock was wrong once.</summary>
    /// <param name="names">Of those that are kept.</param>
    /// <param name="now">By the same clock.</param>
    /// <param name="every">How often.</param>
    public static bool IsDue(IEnumerable<string> names, DateTimeOffset now, TimeSpan every) =>
        NewestOf(names, now) is not { } last || now - last >= every;

    /// <summary>How a machine's snapshots are, for its status; one that is late by a whole turn is missed.</summary>
    /// <param name="names">Of their files.</param>
    /// <param name="now">By the same clock.</param>
    /// <param name="every">How often.</param>
    public static Surrounding Describe(IReadOnlyList<string> names, DateTimeOffset now, TimeSpan every)
    {
        DateTimeOffset? newest = NewestOf(names, now);
        return new Surrounding(
            "snapshots of etcd", newest is not { } at || now - at < every * 2,
            newest is null
                ? names.Count == 0 ? "none yet" : "none that is not dated later than now"
                : string.Create(
                    CultureInfo.InvariantCulture, $"{names.Count}, the newest of {newest:yyyy-MM-dd HH:mm}"));
    }

    /// <summary>
    /// Those that are too many or too much, by name. The newest stays whatever its size: without it there would be
    /// nothing to restore from. One that is dated later than now is taken for the oldest.
    /// </summary>
    public static IReadOnlyList<string> Surplus(
        IReadOnlyList<(string Name, long Bytes)> snapshots, DateTimeOffset now, int keep, long maxBytes)
    {
        List<string> surplus = [];
        long sum = 0;
        int kept = 0;
        foreach ((string name, long bytes) in snapshots.OrderBy(item => TakenAt(item.Name) > now)
            .ThenByDescending(item => item.Name, StringComparer.Ordinal))
        {
            if (kept > 0 && (kept >= keep || sum + bytes > maxBytes))
            {
                surplus.Add(name);
                continue;
            }

            kept++;
            sum += bytes;
        }

        return surplus;
    }

    private static DateTimeOffset? NewestOf(IEnumerable<string> names, DateTimeOffset now) =>
        names.Select(TakenAt).Where(at => at <= now).Max();
}
