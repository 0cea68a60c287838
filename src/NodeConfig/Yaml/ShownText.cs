using System.Globalization;
using System.Text;

namespace Images.NodeConfig.Yaml;

/// <summary>
/// Text from outside as a message may show it: on consoles, which anybody may read, and on lines of 115,200 baud. What
/// could be a key, or is long, is described; what a reader could not see is named by its code point.
/// </summary>
internal static class ShownText
{
    private const int Longest = 60;

    /// <summary>'text' in quotes, or "text of 7 lines" where it should not be repeated.</summary>
    public static string Quote(string text)
    {
        int lines = text.AsSpan().TrimEnd("\r\n").Count('\n') + 1;
        if (lines > 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"text of {lines} lines");
        }

        return text.Contains("-----", StringComparison.Ordinal) || text.Length > Longest
            ? string.Create(CultureInfo.InvariantCulture, $"text of {text.Length} characters")
            : $"'{Visible(text)}'";
    }

    /// <summary>Of a key: cut where it is long.</summary>
    public static string Key(string text) => Visible(text.Length > Longest ? text[..Longest] + "…" : text);

    /// <summary>
    /// White space that is not a blank, and format characters, which look like nothing or like a blank (Unicode
    /// categories Zs, Zl, Zp, Cf and Cc).
    /// </summary>
    public static bool IsInvisible(char character) => character != ' '
        && char.GetUnicodeCategory(character) is UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Format
            or UnicodeCategory.Control;

    private static string Visible(string text)
    {
        StringBuilder shown = new(text.Length);
        foreach (char character in text)
        {
            _ = IsInvisible(character)
                ? shown.Append(CultureInfo.InvariantCulture, $"<U+{(int)character:X4}>")
                : shown.Append(character);
        }

        return shown.ToString();
    }
}
