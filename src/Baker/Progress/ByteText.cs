using System.Globalization;

namespace Images.Baker.Progress;

/// <summary>Amounts as people read them.</summary>
internal static class ByteText
{
    /// <summary>"1.5 GiB", "312 MiB", "12 KiB", "7 B".</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.##} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):0} KiB"),
        _ => $"{bytes} B",
    };

    /// <summary>"52.1 MiB/s"; empty where nothing was moved.</summary>
    public static string Rate(long bytes, TimeSpan duration) =>
        bytes == 0 || duration <= TimeSpan.Zero ? "" : $"{Size((long)(bytes / duration.TotalSeconds))}/s";

    /// <summary>
    /// "unpack and compress 12.3 s 163 MiB 13.2 MiB/s": name, time, and where bytes were moved how many and how fast.
    /// </summary>
    public static string Stage(string name, TimeSpan duration, long bytes) =>
        $"{name,-24} {Duration(duration),10}{(bytes > 0 ? $"  {Size(bytes)}  {Rate(bytes, duration)}" : "")}".TrimEnd();

    /// <summary>"0.42 s", "12.3 s", "2 min 5 s".</summary>
    public static string Duration(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.00} s"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s"),
    };
}
