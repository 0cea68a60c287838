using System.Text;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>docs/hardening.md: what a person wrote, down to a line, and below it the tables.</summary>
internal static class HardeningPage
{
    private const string Line = "<!-- Below this line a test writes, from hardening.csv and exposure.csv. -->\n";

    public static string Render(
        string page, IReadOnlyList<HardeningControl> controls, IEnumerable<(ComponentVersion Version, HardeningFacts Facts)> machines,
        IReadOnlyList<string> exposures)
    {
        int end = page.IndexOf(Line, StringComparison.Ordinal);
        end.ShouldBePositive("docs/hardening.md has lost the line below which the tables stand");
        StringBuilder text = new(page[..(end + Line.Length)]);
        (ComponentVersion, HardeningFacts)[] all = [.. machines];
        foreach (IGrouping<string, HardeningControl> component in controls.GroupBy(control => control.Component, StringComparer.Ordinal))
        {
            text.Append($"\n## {component.Key}\n\n| control | key | wanted | ours | |\n|---|---|---|---|---|\n");
            foreach (HardeningControl control in component)
            {
                text.Append($"| {control.Control} | `{Cell(control.Key)}` | {Wanted(control)} | {Ours(control, all)} | {Cell(control.Reason)} |\n");
            }
        }

        text.Append("\n## Exposure of units\n\n| unit | at most | |\n|---|---|---|\n");
        text.AppendJoin("", exposures.Skip(1).Select(line => line.Split(',', 3)).Select(fields => $"| {fields[0]} | {fields[1]} | {fields[2]} |\n"));
        return text.ToString();
    }

    private static string Wanted(HardeningControl control)
    {
        string value = control.Value.Length == 0 ? "" : $" `{Cell(control.Value)}`";
        string versions = control.Versions is null ? "" : $", {Cell(Range(control.Versions))}";
        return control.Operator switch
        {
            HardeningControl.ByHand => $"{Cell(control.Value)}{versions}",
            "is" when control.Value.Length == 0 => $"empty{versions}",
            _ => $"{control.Operator}{value}{versions}",
        };
    }

    private static string Range(VersionRange range) =>
        string.Join(' ', new[] { range.AtLeast is { } first ? $"from {first}" : "", range.Below is { } end ? $"before {end}" : "" }.Where(part => part.Length > 0));

    /// <summary>One word where all versions are as wanted, else what they have.</summary>
    private static string Ours(HardeningControl control, (ComponentVersion Version, HardeningFacts Facts)[] machines)
    {
        if (control.Operator == HardeningControl.ByHand)
        {
            return "by hand";
        }

        (ComponentVersion Version, HardeningVerdict Verdict)[] verdicts =
        [
            .. machines.Select(machine => (machine.Version, HardeningVerdict.Of(control, machine.Facts, machine.Version)))
                .Where(item => item.Item2.Holds is not null),
        ];
        return verdicts.All(item => item.Verdict.Holds == true) ? "yes"
            : verdicts.Select(item => item.Verdict.Ours).Distinct(StringComparer.Ordinal).Count() == 1 ? $"**no**: {Shown(verdicts[0].Verdict)}"
            : "**no**: " + string.Join(", ", verdicts.Select(item => $"{item.Version}: {Shown(item.Verdict)}"));
    }

    private static string Shown(HardeningVerdict verdict) => verdict.Ours is "unset" or "set" ? verdict.Ours : $"`{Cell(verdict.Ours)}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
