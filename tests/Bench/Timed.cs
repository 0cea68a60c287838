using System.Diagnostics;
using System.Globalization;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>Whole-process times. Two sides are run in turn, A B A B, so that a drifting machine hurts both alike.</summary>
internal static class Timed
{
    /// <summary>Seconds from start to exit; a non-zero exit ends the benchmark.</summary>
    public static double Seconds(string[] command, IReadOnlyDictionary<string, string>? environment = null) => Run(command, environment).Seconds;

    /// <summary>Seconds, and the largest resident set in KiB as the kernel counted it.</summary>
    public static (double Seconds, long PeakKibibytes) Run(string[] command, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(Judge.Find(command[0]), command[1..]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(50))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
        }

        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return process.ExitCode == 0
            ? (seconds, peak)
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {output.Result}");
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
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

    private static long PeakOf(int processId)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(each => each.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
