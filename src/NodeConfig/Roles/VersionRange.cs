namespace Images.NodeConfig.Roles;

/// <summary>Versions between bounds, as <c>&lt;1.27</c>, <c>&gt;=1.24</c> or <c>&gt;=1.24 &lt;1.27</c>.</summary>
public sealed record VersionRange
{
    public ComponentVersion? AtLeast { get; init; }

    public ComponentVersion? Below { get; init; }

    public bool Contains(ComponentVersion version) =>
        (AtLeast is null || !version.IsBelow(AtLeast.Value)) && (Below is null || version.IsBelow(Below.Value));

    /// <summary>Null for what is no range, or one that nothing is in.</summary>
    public static VersionRange? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] bounds = text.Split(' ');
        VersionRange? range = bounds switch
        {
            [string only] when only.StartsWith('<') =>
                new VersionRange { Below = ComponentVersion.TryParse(only[1..]) },
            [string only] when only.StartsWith(">=", StringComparison.Ordinal) =>
                new VersionRange { AtLeast = ComponentVersion.TryParse(only[2..]) },
            [string lower, string upper] when lower.StartsWith(">=", StringComparison.Ordinal)
                && upper.StartsWith('<') =>
                new VersionRange
                {
                    AtLeast = ComponentVersion.TryParse(lower[2..]),
                    Below = ComponentVersion.TryParse(upper[1..]),
                },
            _ => null,
        };
        int found = (range?.AtLeast is null ? 0 : 1) + (range?.Below is null ? 0 : 1);
        bool isEmpty = range is { AtLeast: { } first, Below: { } end } && !first.IsBelow(end);
        return found == bounds.Length && !isEmpty ? range : null;
    }
}
