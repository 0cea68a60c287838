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

    /// <summary>Of a bootstrap token.</summary>
    private const int ShortestSecret = 16;

    /// <summary>'text' in quotes, or "text of 7 lines" where it should not be repeated.</summary>
    public static string Quote(string text)
    {
        int lines = text.AsSpan().TrimEnd("\r\n").Count('\n') + 1;
        if (lines > 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"text of {lines} lines");
        }

        return text.Contains("-----", StringComparison.Ordinal) || text.Length > Longest || MayBeSecret(text)
            ? Describe(text)
            : $"'{Visible(text)}'";
    }

    /// <summary>
    /// Of a key: cut where it is long. Of one with a colon what stands before that: a blank was forgotten, and the rest
    /// is a value.
    /// </summary>
    public static string Key(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 ? Key(text[..(colon + 1)]) + "…"
            : MayBeSecret(text) ? Describe(text)
            : Visible(text.Length > Longest ? text[..Longest] + "…" : text);
    }

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

    private static string Describe(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"text of {text.Length} characters");

    /// <summary>
    /// Whether digits and letters follow one another without a break for long, as in the secret half of a bootstrap
    /// token and in keys written as base64.
    /// </summary>
    private static bool MayBeSecret(string text)
    {
        int length = 0;
        bool hasDigit = false, hasLetter = false;
        foreach (char character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '/' or '='))
            {
                (length, hasDigit, hasLetter) = (0, false, false);
                continue;
            }

            length++;
            hasDigit |= char.IsAsciiDigit(character);
            hasLetter |= char.IsAsciiLetter(character);
            if (length >= ShortestSecret && hasDigit && hasLetter)
            {
                return true;
            }
        }

        return false;
    }

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
