using System.Globalization;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <param name="Holds">Null where no file decides, or the version does not know the key.</param>
/// <param name="Ours">What the machine has, in words.</param>
internal sealed record HardeningVerdict(bool? Holds, string Ours)
{
    private static readonly HardeningVerdict _open = new(null, "");

    public static HardeningVerdict Of(HardeningControl control, HardeningFacts facts, NodeConfig.Roles.ComponentVersion version)
    {
        if (control.Operator == HardeningControl.ByHand || control.Versions?.Contains(version) == false)
        {
            return _open;
        }

        return control.Component == "file" ? OfFile(control, facts) : OfKey(control, facts.Values(control.Component, control.Key));
    }

    private static HardeningVerdict OfFile(HardeningControl control, HardeningFacts facts)
    {
        if (control.Operator == "absent")
        {
            bool isThere = facts.HasAnythingAt(control.Key);
            return new HardeningVerdict(!isThere, isThere ? "there" : "absent");
        }

        GoldenFile file = facts.File(control.Key) ?? throw new InvalidOperationException($"docs/hardening.csv: no golden has {control.Key}");
        return control.Operator switch
        {
            "mode" => new HardeningVerdict((Octal(file.Mode) & ~Octal(control.Value)) == 0, file.Mode),
            "owner" => new HardeningVerdict(file.Owner == control.Value, file.Owner),
            "contains" => new HardeningVerdict(file.Text.Contains(control.Value, StringComparison.Ordinal), "it does"),
            "contains not" => new HardeningVerdict(!file.Text.Contains(control.Value, StringComparison.Ordinal), "it does not"),
            _ => throw Unknown(control),
        };
    }

    private static HardeningVerdict OfKey(HardeningControl control, IReadOnlyList<string> values)
    {
        string all = string.Join(',', values);
        string[] items = all.Split(',');
        bool holds = control.Operator switch
        {
            "is" => values.Count == 1 && all == control.Value,
            "has" => items.Contains(control.Value, StringComparer.Ordinal),
            "lacks" => !items.Contains(control.Value, StringComparer.Ordinal),
            "contains" => values.Any(value => value.Contains(control.Value, StringComparison.Ordinal)),
            "set" => values.Count > 0,
            "unset" => values.Count == 0,
            "at least" => Number(all) >= Number(control.Value),
            "at most" => Number(all) <= Number(control.Value),
            _ => throw Unknown(control),
        };
        return new HardeningVerdict(holds, values.Count == 0 ? "unset" : all.Length == 0 ? "set" : all);
    }

    /// <summary>Null, which no bound holds for, where it is none.</summary>
    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static int Octal(string mode) => Convert.ToInt32(mode, 8);

    private static InvalidOperationException Unknown(HardeningControl control) =>
        new($"docs/hardening.csv: '{control.Operator}' is no operator for {control.Component} {control.Key}");
}
