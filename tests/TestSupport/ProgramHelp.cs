using System.Text.RegularExpressions;

namespace Images.TestSupport;

/// <summary>What a program's <c>--help</c> lists.</summary>
public static partial class ProgramHelp
{
    /// <summary>The long flags, with their hyphens. One that only another's description mentions is none.</summary>
    public static IReadOnlySet<string> Flags(string help) =>
        Flag().Matches(help).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>At the start of a line, perhaps behind the short form.</summary>
    [GeneratedRegex(@"^[ \t]*(?:-\w, )?(--[a-z0-9][a-z0-9-]*)(?=[ \t=]|$)", RegexOptions.Multiline)]
    private static partial Regex Flag();
}
