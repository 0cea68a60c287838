using System.Globalization;
using System.Text;

namespace Images.Bench;

/// <summary>docs/benchmarks.md: a section for each part, so that one can be measured again alone.</summary>
/// <param name="path">Of the page.</param>
/// <param name="parts">All there are, in the order of the page; a section of another name is left out when it is written.</param>
internal sealed class BenchmarkPage(string path, IReadOnlyList<string> parts)
{
    private const string Heading = "\n## ";

    private const string Introduction = """
        # Benchmarks

        Written by `./build.sh --target Bench`; with `--only PART`, that section alone. Ratios against a named tool in the same run; smaller is better.

        """;

    /// <summary>Puts a part's section in the place of what the page had of it.</summary>
    public void Write(string part, IEnumerable<Measured> rows)
    {
        Dictionary<string, string> sections = File.Exists(path) ? Sections(File.ReadAllText(path)) : [];
        sections[part] = Section(part, rows);
        File.WriteAllText(path, Introduction + string.Concat(parts.Where(sections.ContainsKey).Select(name => Heading + sections[name])));
    }

    private static Dictionary<string, string> Sections(string page) =>
        page.Split(Heading).Skip(1).ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)], StringComparer.Ordinal);

    private static string Section(string part, IEnumerable<Measured> rows)
    {
        StringBuilder section = new();
        section.AppendLine(part).AppendLine();
        section.AppendLine(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Environment.ProcessorCount} × {Processor()}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}; machines of QEMU are emulated (TCG).").AppendLine();
        section.AppendLine("| what | result | aim | how |").AppendLine("|---|---|---|---|");
        foreach (Measured row in rows)
        {
            section.AppendLine(CultureInfo.InvariantCulture, $"| {row.What} | {row.Result} | {row.Verdict} | {row.How} |");
        }

        return section.ToString();
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
