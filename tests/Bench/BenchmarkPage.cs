using System.Globalization;
using System.Text;

namespace Images.Bench;

/// <summary>docs/benchmarks.md.</summary>
internal static class BenchmarkPage
{
    public static void Write(string path, IReadOnlyList<Measured> rows)
    {
        StringBuilder page = new();
        page.AppendLine("# Benchmarks").AppendLine();
        page.AppendLine("Written by `./build.sh --target Bench`. Ratios against a named tool in the same run; smaller is better.").AppendLine();
        page.AppendLine(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Environment.ProcessorCount} × {Processor()}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}; machines emulated (TCG).").AppendLine();
        page.AppendLine("| what | result | aim | how |").AppendLine("|---|---|---|---|");
        foreach (Measured row in rows)
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {row.What} | {row.Result} | {row.Verdict} | {row.How} |");
        }

        File.WriteAllText(path, page.ToString());
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
