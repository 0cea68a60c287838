using System.Collections.Immutable;
using Images.Baker.Debian.Packages;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>One alternative of a relationship field: <c>libc6 (&gt;= 2.34)</c>. Debian Policy 7.1.</summary>
internal sealed record PackageRelation
{
    private static readonly ImmutableArray<(string Text, VersionOperator Operator)> _operators =
    [
        ("<<", VersionOperator.Earlier),
        ("<=", VersionOperator.EarlierOrEqual),
        (">=", VersionOperator.LaterOrEqual),
        (">>", VersionOperator.Later),
        ("=", VersionOperator.Equal),
    ];

    public required string Name { get; init; }

    public required VersionOperator Operator { get; init; }

    /// <summary>Null exactly where <see cref="Operator"/> is Any.</summary>
    public required DebVersion? Version { get; init; }

    /// <summary>Reads a field: groups that must all hold, each with alternatives of which one must.</summary>
    /// <param name="field">The field's value; empty gives no group.</param>
    /// <param name="place">What errors call the place.</param>
    /// <exception cref="MalformedDataException">The field breaks Policy's syntax.</exception>
    public static ImmutableArray<ImmutableArray<PackageRelation>> ParseField(string field, string place) =>
    [
        .. field.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(group =>
                group.Split('|', StringSplitOptions.TrimEntries).Select(text => Parse(text, place)).ToImmutableArray()),
    ];

    public bool Allows(DebVersion version) => Operator switch
    {
        VersionOperator.Any => true,
        VersionOperator.Earlier => version.CompareTo(Version) < 0,
        VersionOperator.EarlierOrEqual => version.CompareTo(Version) <= 0,
        VersionOperator.Equal => version.CompareTo(Version) == 0,
        VersionOperator.LaterOrEqual => version.CompareTo(Version) >= 0,
        _ => version.CompareTo(Version) > 0,
    };

    /// <summary>Whether a Provides entry meets this; an unversioned one meets no version (Policy 7.5).</summary>
    public bool AllowsProvided(DebVersion? provided) =>
        Operator == VersionOperator.Any || (provided is not null && Allows(provided));

    public override string ToString() =>
        Operator == VersionOperator.Any
            ? Name
            : $"{Name} ({_operators.First(known => known.Operator == Operator).Text} {Version})";

    private static PackageRelation Parse(string text, string place)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        string name = (open < 0 ? text : text[..open]).Trim();
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && name[(colon + 1)..] is not ("any" or "native" or "amd64"))
        {
            throw Malformed(text, place);
        }

        name = colon >= 0 ? name[..colon] : name;
        if (name.Length == 0
            || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '+' or '-' or '.' or '_'))
        {
            throw Malformed(text, place);
        }

        (VersionOperator comparison, DebVersion? version) =
            open < 0 ? (VersionOperator.Any, null) : ParseVersion(text, open, place);
        return new PackageRelation { Name = name, Operator = comparison, Version = version };
    }

    private static (VersionOperator Operator, DebVersion? Version) ParseVersion(string text, int open, string place)
    {
        if (!text.EndsWith(')'))
        {
            throw Malformed(text, place);
        }

        string inner = text[(open + 1)..^1].Trim();
        foreach ((string sign, VersionOperator comparison) in _operators)
        {
            if (inner.StartsWith(sign, StringComparison.Ordinal))
            {
                return (comparison, DebianVersionField.Parse(inner[sign.Length..].Trim(), place));
            }
        }

        throw Malformed(text, place);
    }

    private static MalformedDataException Malformed(string text, string place) =>
        new(place, -1, $"'{text}' is not a relationship between packages");
}
