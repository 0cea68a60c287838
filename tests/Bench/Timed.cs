using System.Diagnostics;
using System.Globalization;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>Whole-process times. Two sides are run in turn, A B A B, so that a drifting machine hurts both alike.</summary>
internal static class Timed
{
    /// <summary>Seconds from start to exit; a non-zero exit ends the benchmark.</summary>
    public static double Seconds(params string[] command)
    {
        ProcessStartInfo start = new(Judge.Find(command[0]), command[1..]) { UseShellExecute = false, RedirectStandardOutput = true };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return process.ExitCode == 0
            ? seconds
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {output.Result}");
    }

    /// <summary>Seconds, and the largest resident set of the command's process in KiB, as the kernel told GNU time when it ended.</summary>
    public static (double Seconds, long PeakKibibytes) SecondsAndPeak(string report, params string[] command)
    {
        double seconds = Seconds(["time", "--format=%M", $"--output={report}", .. command]);
        return (seconds, long.Parse(File.ReadAllText(report), CultureInfo.InvariantCulture));
    }

    /// <summary>Median of a/b over the pairs, with the medians of both.</summary>
    public static (double Ratio, double A, double B) Pairs(int count, Func<double> a, Func<double> b)
    {
        List<(double A, double B)> pairs = [];
        for (int i = 0; i < count; i++)
        {
            pairs.Add((a(), b()));
        }

        return (Median(pairs.Select(pair => pair.A / pair.B)), Median(pairs.Select(pair => pair.A)), Median(pairs.Select(pair => pair.B)));
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
