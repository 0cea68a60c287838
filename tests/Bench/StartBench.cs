using System.Globalization;

namespace Images.Bench;

/// <summary>What the bootstrapper's start costs, against a Hosting program that does nothing.</summary>
internal sealed class StartBench(string bootstrapper, string emptyHost)
{
    public IEnumerable<Measured> Run()
    {
        string[] ours = [bootstrapper, "status", "--help"];
        (double ratio, double a, double b) = Timed.Pairs(15, () => Timed.Seconds(ours), () => Timed.Seconds([emptyHost]));
        yield return new Measured("start of the bootstrapper / start of an empty Hosting program", ratio.ToString("0.00", CultureInfo.InvariantCulture), "≤ 3", ratio <= 3,
            $"medians {a * 1000:0} ms and {b * 1000:0} ms of fifteen pairs in turn, start to exit, both self-contained, trimmed, ReadyToRun, one file");
    }
}
