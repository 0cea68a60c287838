using Images.NodeConfig;

namespace Images.Baker.Upgrading;

/// <summary>A plan for people.</summary>
internal static class UpgradePlanText
{
    public static void Write(UpgradePlan plan, TextWriter output)
    {
        int name = Math.Max(8, plan.Steps.Select(step => step.Name.Length).DefaultIfEmpty(0).Max());
        int roles = Math.Max(6, plan.Steps.Select(step => RolesOf(step).Length).DefaultIfEmpty(0).Max());
        int version = Math.Max(6, plan.Steps.Select(step => step.Look.Version.Length).DefaultIfEmpty(0).Max());
        Say($"to {plan.Target.Manifest.Version} (root hash {plan.Target.Manifest.RootHash[..12]}…)");
        Say($"     {"MACHINE".PadRight(name)}  {"ROLES".PadRight(roles)}  {"RUNS".PadRight(version)}  WHAT IS DONE");
        int number = 0;
        foreach (UpgradeStep step in plan.Steps)
        {
            Say(
                $"{++number,3}  {step.Name.PadRight(name)}  {RolesOf(step).PadRight(roles)}  "
                    + $"{step.Look.Version.PadRight(version)}  {WhatIsDone(step)}");
        }

        foreach (string note in plan.Notes)
        {
            Say($"note: {note}");
        }

        foreach (string fault in plan.Unwell)
        {
            Say($"not well: {fault}");
        }

        void Say(string line) => output.WriteLine(PlainText.Of(line.ReplaceLineEndings(" ").TrimEnd()));
    }

    private static string RolesOf(UpgradeStep step) => string.Join(',', step.Look.Roles);

    /// <summary>"write, drain, hand over, restart".</summary>
    private static string WhatIsDone(UpgradeStep step) => step.State switch
    {
        ImageState.Kept => "nothing: it runs it",
        ImageState.OnTrial => "wait: it tries it",
        _ => string.Join(", ", ((string?[])
        [
            step.State == ImageState.Other ? "write" : null,
            step.Look.Node is not null ? "drain" : null,
            step.Look.Has(UpgradeRules.Etcd) ? "hand over" : null,
            "restart",
        ]).OfType<string>()),
    };
}
