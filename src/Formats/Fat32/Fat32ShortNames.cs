using System.Globalization;

namespace Images.Formats.Fat32;

/// <summary>
/// Gives every name of one folder its short name (fatgen103, "The Basis-Name Generation Algorithm"). Names that are
/// short names already keep theirs; the others get theirs in ordinal order, so the result depends on the names alone.
/// </summary>
internal static class Fat32ShortNames
{
    private const string ExtraCharacters = "$%'-_@~`!(){}^#&";

    /// <returns>For each name 11 characters, filled up with blanks.</returns>
    public static IReadOnlyDictionary<string, string> Assign(IReadOnlyList<string> names)
    {
        Dictionary<string, string> assigned = new(StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (string name in names.Where(name => Exact(name.ToUpperInvariant()) is not null)
            .Order(StringComparer.Ordinal))
        {
            // two names that differ only in case were refused before, so these are all different
            assigned[name] = Exact(name.ToUpperInvariant())!;
            taken.Add(assigned[name]);
        }

        foreach (string name in names.Where(name => !assigned.ContainsKey(name)).Order(StringComparer.Ordinal))
        {
            assigned[name] = Numbered(name, taken);
            taken.Add(assigned[name]);
        }

        return assigned;
    }

    /// <summary>How the short name is read without a long one: "README.TXT".</summary>
    public static string Display(string shortName)
    {
        string extension = shortName[8..].TrimEnd(' ');
        string name = shortName[..8].TrimEnd(' ');
        return extension.Length == 0 ? name : $"{name}.{extension}";
    }

    public static bool IsShortCharacter(char character) =>
        char.IsAsciiLetterUpper(character)
            || char.IsAsciiDigit(character)
            || ExtraCharacters.Contains(character, StringComparison.Ordinal);

    private static string? Exact(string upper)
    {
        int dot = upper.LastIndexOf('.');
        string name = dot < 0 ? upper : upper[..dot];
        string extension = dot < 0 ? "" : upper[(dot + 1)..];
        bool fits = name.Length is >= 1 and <= 8 && extension.Length <= 3 && (dot < 0 || extension.Length > 0);
        return fits && name.All(IsShortCharacter) && extension.All(IsShortCharacter)
            ? name.PadRight(8) + extension.PadRight(3)
            : null;
    }

    private static string Numbered(string longName, HashSet<string> taken)
    {
        string upper = longName.ToUpperInvariant().TrimStart('.').Replace(" ", "", StringComparison.Ordinal);
        int dot = upper.LastIndexOf('.');
        string name = Clean((dot < 0 ? upper : upper[..dot]).Replace(".", "", StringComparison.Ordinal), 8);
        string extension = Clean(dot < 0 ? "" : upper[(dot + 1)..], 3).PadRight(3);
        for (int number = 1; ; number++)
        {
            string tail = "~" + number.ToString(CultureInfo.InvariantCulture);
            string candidate = (name[..Math.Min(name.Length, 8 - tail.Length)] + tail).PadRight(8) + extension;
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }
    }

    private static string Clean(string text, int length)
    {
        string cut = text[..Math.Min(text.Length, length)];
        return string.Concat(cut.Select(character => IsShortCharacter(character) ? character : '_'));
    }
}
