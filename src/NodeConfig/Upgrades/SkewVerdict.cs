namespace Images.NodeConfig.Upgrades;

/// <summary>Whether one version may follow another.</summary>
/// <param name="IsAllowed">Whether machines take it.</param>
/// <param name="Reason">From what to what, and why.</param>
/// <param name="Remedy">What to do instead; empty where it is allowed.</param>
public sealed record SkewVerdict(bool IsAllowed, string Reason, string Remedy)
{
    public static SkewVerdict Allowed(string reason) => new(true, reason, "");

    public static SkewVerdict Refused(string reason, string remedy) => new(false, reason, remedy);
}
