using Images.Baker.Debian.Packages;

namespace Images.Baker.Debian.Archive;

/// <summary>One address of sources.list(5), and what it is to serve; from either of the two forms.</summary>
internal sealed record AptEntry(string Address, string[] Suites, string[] Components, string SignedBy)
{
    private static readonly char[] _blanks = [' ', '\t', '\n'];

    /// <summary>What apt takes for "no", whatever the case (its StringToBool), beside a number that is zero.</summary>
    private static readonly string[] _no = ["no", "false", "without", "off", "disable"];

    /// <param name="line">Of a file in the one-line form.</param>
    /// <returns>Null where it asks for no binary packages.</returns>
    public static AptEntry? ReadOneLine(string line)
    {
        string entry = line.Split('#')[0].Trim();
        int open = entry.IndexOf('[', StringComparison.Ordinal);
        int close = entry.IndexOf(']', StringComparison.Ordinal);
        bool hasOptions = open >= 0 && close > open;
        string signedBy = hasOptions
            ? Words(entry[(open + 1)..close]).FirstOrDefault(
                word => word.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase)) ?? ""
            : "";
        string[] words = Words(hasOptions ? entry.Remove(open, close - open + 1) : entry);
        return words.Length >= 4 && words[0] == "deb" ? new AptEntry(words[1], [words[2]], words[3..], signedBy) : null;
    }

    /// <param name="paragraph">Of a file in the deb822 form.</param>
    public static IEnumerable<AptEntry> Read(ControlParagraph paragraph) =>
        IsNo(paragraph["Enabled"]) || !Words(paragraph["Types"]).Contains("deb")
            ? []
            : Words(paragraph["URIs"]).Select(address => new AptEntry(
                address, Words(paragraph["Suites"]), Words(paragraph["Components"]), paragraph["Signed-By"] ?? ""));

    private static bool IsNo(string? value) =>
        value?.Trim() is { } text
        && (_no.Contains(text, StringComparer.OrdinalIgnoreCase)
            || (text.Length > 0 && text.TrimStart('0').TrimStart('x', 'X').Trim('0').Length == 0));

    private static string[] Words(string? field) => (field ?? "").Split(_blanks, StringSplitOptions.RemoveEmptyEntries);
}
