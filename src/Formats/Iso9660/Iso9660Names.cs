using System.Globalization;
using System.Text;

namespace Images.Formats.Iso9660;

/// <summary>
/// Identifiers of one folder's content. Those of the primary hierarchy have 31 characters of A–Z, 0–9 and _; those of
/// Joliet 64 of nearly any. What does not fit is replaced and cut; what then is the same gets a number, in ordinal
/// order of the real names.
/// </summary>
internal static class Iso9660Names
{
    private const int MaximumPrimary = 30; // without the dot

    private const int MaximumPrimaryExtension = 8;

    private const int MaximumJoliet = 64;

    private const string ForbiddenInJoliet = "*/:;?\\";

    /// <param name="names">Real names, each with whether it is a folder.</param>
    /// <param name="joliet">Which hierarchy.</param>
    /// <returns>Identifiers as they stand on disk.</returns>
    public static IReadOnlyDictionary<string, byte[]> Assign(
        IEnumerable<(string Name, bool IsDirectory)> names, bool joliet)
    {
        Dictionary<string, byte[]> identifiers = new(StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach ((string name, bool isDirectory) in names.OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            string candidate = Make(name, isDirectory, joliet, "");
            for (int number = 1; !taken.Add(candidate); number++)
            {
                candidate = Make(name, isDirectory, joliet, number.ToString(CultureInfo.InvariantCulture));
            }

            // Joliet's book wants the version number too, but common writers leave it out and readers show what is
            // there
            identifiers[name] = joliet
                ? Encoding.BigEndianUnicode.GetBytes(candidate)
                : Encoding.ASCII.GetBytes(isDirectory ? candidate : candidate + ";1");
        }

        return identifiers;
    }

    private static string Make(string name, bool isDirectory, bool joliet, string number)
    {
        if (joliet)
        {
            string allowed = string.Concat(
                name.Select(
                    character =>
                        character < ' ' || ForbiddenInJoliet.Contains(character, StringComparison.Ordinal)
                            ? '_'
                            : character));
            return Cut(allowed, MaximumJoliet, number);
        }

        int dot = isDirectory ? -1 : name.LastIndexOf('.');
        string extension = dot < 0 ? "" : Clean(name[(dot + 1)..], MaximumPrimaryExtension);
        string stem = Clean(dot < 0 ? name : name[..dot], int.MaxValue);
        string cut = Cut(stem, MaximumPrimary - extension.Length, number);
        return isDirectory ? cut : $"{cut}.{extension}";
    }

    private static string Cut(string text, int length, string number)
    {
        int end = Math.Min(text.Length, length - number.Length);
        // half of a character is none
        return text[..(end > 0 && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + number;
    }

    private static string Clean(string text, int length) => string.Concat(text.ToUpperInvariant()
        .Take(length)
        .Select(character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) ? character : '_'));
}
