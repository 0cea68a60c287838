using System.Globalization;
using System.Text.Json;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper why</c>: which datasource was asked and what it said, and what was decided from it; <c>--json</c>
/// gives the file itself.
/// </summary>
internal static class WhyCommand
{
    public static int Run(NodeRoot root, TextWriter output, bool json)
    {
        string path = root[NodePaths.Trace];
        if (!File.Exists(path))
        {
            throw new BootFailure(
                "NODE0601", "why", "the bootstrapper has not begun on this boot",
                "see 'systemctl status bootstrapper-boot.service'");
        }

        if (json)
        {
            output.WriteLine(File.ReadAllText(path));
            return ExitCodes.Done;
        }

        WhyDocument document = JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.WhyDocument)!;
        foreach (ProbeRecord probe in document.Probes)
        {
            output.WriteLine(
                $"{probe.Result,-8} {probe.Source}: {probe.Reason} ({probe.Milliseconds} ms, asked {probe.Times}x)");
        }

        foreach (DecisionRecord decision in document.Decisions)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{decision.At,7:F1} s {decision.Text}"));
        }

        return ExitCodes.Done;
    }
}
