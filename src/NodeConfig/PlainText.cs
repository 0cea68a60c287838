namespace Images.NodeConfig;

/// <summary>
/// Text that others had a say in (servers, files, machines), as a terminal may get it: control characters colour it,
/// move its cursor, set its title or answer in the user's place.
/// </summary>
public static class PlainText
{
    /// <summary>C0 and C1 control characters (ECMA-48) become blanks; line feeds stay.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Any(IsRefused) ? string.Concat(text.Select(Plain)) : text;
    }

    internal static char Plain(char character) => IsRefused(character) ? ' ' : character;

    private static bool IsRefused(char character) => char.IsControl(character) && character != '\n';
}
