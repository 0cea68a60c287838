using System.Globalization;
using System.Text;
using Images.Bench;
using Images.Lab.Machines;

// bench REPOSITORY BOOTSTRAPPER EMPTY-HOST: measures and writes docs/benchmarks.md.
if (args is not [string repository, string bootstrapper, string emptyHost])
{
    Console.Error.WriteLine("usage: bench REPOSITORY BOOTSTRAPPER EMPTY-HOST");
    return 2;
}

string work = BakedImage.RunFolder("bench");
List<Measured> rows = [];
foreach (Measured row in new StartBench(bootstrapper, emptyHost).Run().Concat(new BakeBench(repository, work).Run()).Concat(new BootBench(work).Run()))
{
    Console.WriteLine($"{row.What}: {row.Result} {(row.Met is null ? "" : row.Met.Value ? $"(aim {row.Aim}: met)" : $"(aim {row.Aim}: MISSED)")}");
    rows.Add(row);
}

string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
StringBuilder page = new();
page.AppendLine("# Benchmarks").AppendLine();
page.AppendLine("Written by `./build.sh --target Bench`. Ratios against a named tool in the same run; smaller is better.").AppendLine();
page.AppendLine(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Environment.ProcessorCount} × {processor}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}; machines emulated (TCG).").AppendLine();
page.AppendLine("| what | result | aim | how |").AppendLine("|---|---|---|---|");
foreach (Measured row in rows)
{
    string aim = row.Met is null ? "recorded" : $"{row.Aim}, {(row.Met.Value ? "met" : "missed")}";
    page.AppendLine(CultureInfo.InvariantCulture, $"| {row.What} | {row.Result} | {aim} | {row.How} |");
}

File.WriteAllText(Path.Combine(repository, "docs", "benchmarks.md"), page.ToString());
return 0;
