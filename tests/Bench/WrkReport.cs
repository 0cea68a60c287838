using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>What wrk says at the end of a run with <c>--latency</c>.</summary>
/// <param name="Requests">That were answered.</param>
/// <param name="PerSecond">The same, a second.</param>
/// <param name="Slowest">Milliseconds within which 99 of 100 were answered.</param>
/// <param name="Failed">Connections that failed, and answers that are not 2xx or 3xx.</param>
internal sealed partial record WrkReport(long Requests, double PerSecond, double Slowest, long Failed)
{
    public static WrkReport Nothing { get; } = new(0, 0, 0, 0);

    /// <exception cref="MachineException">It could not even begin, or says something else.</exception>
    public static WrkReport Of(JudgeResult result)
    {
        Match asked = Asked().Match(result.Output), speed = Speed().Match(result.Output), slowest = Percentile().Match(result.Output);
        if (result.ExitCode != 0 || !asked.Success || !speed.Success || !slowest.Success)
        {
            throw new MachineException($"wrk ended with {result.ExitCode}: {result.Output}{result.Error}");
        }

        double unit = slowest.Groups[2].Value switch { "us" => 0.001, "ms" => 1, "s" => 1000, _ => 60_000 };
        return new WrkReport(
            Whole(asked.Groups[1]), Number(speed.Groups[1]), Number(slowest.Groups[1]) * unit,
            Failures().Matches(result.Output).SelectMany(line => line.Groups[1].Captures).Sum(Whole));
    }

    /// <summary>Two runs as one; of the percentile the worse.</summary>
    public WrkReport With(WrkReport next) => new(Requests + next.Requests, Math.Max(PerSecond, next.PerSecond), Math.Max(Slowest, next.Slowest), Failed + next.Failed);

    private static long Whole(Capture text) => long.Parse(text.ValueSpan, CultureInfo.InvariantCulture);

    private static double Number(Capture text) => double.Parse(text.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ +(\d+) requests in ", RegexOptions.Multiline)]
    private static partial Regex Asked();

    [GeneratedRegex(@"^Requests/sec: +([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Speed();

    [GeneratedRegex(@"^ +99% +([\d.]+)(us|ms|s|m)", RegexOptions.Multiline)]
    private static partial Regex Percentile();

    [GeneratedRegex(@"^ +(?:Socket errors:(?:,? (?:connect|read|write|timeout) (\d+))+|Non-2xx or 3xx responses: (?<1>\d+))", RegexOptions.Multiline)]
    private static partial Regex Failures();
}
