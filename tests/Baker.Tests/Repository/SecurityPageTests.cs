using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>docs/security.md claims nothing without a test: each test that it names is there, and each claim names one or says that none is.</summary>
public sealed partial class SecurityPageTests
{
    private const string Untested = "*not tested*";

    private static readonly string _page = File.ReadAllText(Path.Combine(Checkout.Folder, "docs", "security.md"));

    [Fact]
    public void Each_test_that_the_page_names_is_there()
    {
        HashSet<string> there = [.. Tests()];
        there.Count.ShouldBeGreaterThan(1000);
        there.ShouldContain($"{nameof(SecurityPageTests)}.{nameof(Each_test_that_the_page_names_is_there)}");
        string[] named = [.. Named().Matches(_page).Select(match => match.Groups["name"].Value).Distinct()];
        named.Length.ShouldBeGreaterThan(90);
        named.Except(there).ShouldBeEmpty("tests that docs/security.md names and nobody has");
    }

    [Fact]
    public void Whatever_is_sealed_or_cannot_be_done_names_a_test_or_says_that_there_is_none()
    {
        string[] claims = [.. Lists("Sealed"), .. Lists("Cannot")];
        claims.Length.ShouldBeGreaterThan(70);
        claims.Where(claim => !Named().IsMatch(claim) && !claim.Contains(Untested, StringComparison.Ordinal)).ShouldBeEmpty();
        claims.Count(claim => claim.Contains(Untested, StringComparison.Ordinal)).ShouldBeLessThan(6, "write the tests");
    }

    [Fact]
    public void Of_each_attacker_the_page_says_what_he_can_do_what_he_cannot_and_where_the_limits_are()
    {
        Match[] attackers = [.. Attacker().Matches(_page).Cast<Match>()];
        string letters = string.Concat(attackers.Select(match => match.Groups["letter"].Value));
        letters.ShouldStartWith("abcdefghijk");
        foreach (Match attacker in attackers)
        {
            foreach (string part in new[] { "\n**Can**\n", "\n**Cannot**\n", "\n**Limits.** " })
            {
                attacker.Value.ShouldContain(part, Case.Sensitive, attacker.Groups["letter"].Value);
            }
        }
    }

    /// <summary>The items below each line that says the word alone.</summary>
    private static IEnumerable<string> Lists(string word) =>
        from list in List().Matches(_page)
        where list.Groups["word"].Value == word
        from Capture item in list.Groups["item"].Captures
        select item.Value;

    private static IEnumerable<string> Tests() =>
        from path in Directory.EnumerateFiles(Path.Combine(Checkout.Folder, "tests"), "*.cs", SearchOption.AllDirectories)
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        let text = File.ReadAllText(path)
        where text.Contains($"class {Path.GetFileNameWithoutExtension(path)}", StringComparison.Ordinal)
        from Match test in Test().Matches(text)
        select $"{Path.GetFileNameWithoutExtension(path)}.{test.Groups["name"].Value}";

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*Tests[.][A-Za-z0-9_]+)`")]
    private static partial Regex Named();

    /// <summary>A method with its attributes before it.</summary>
    [GeneratedRegex(@"^ *\[(?:Fact|Theory)\b.*\n(?: *\[.*\n)*(?: *(?:,|"").*\n)* *public (?:static )?(?:async )?[A-Za-z]+ (?<name>[A-Za-z0-9_]+)\(", RegexOptions.Multiline)]
    private static partial Regex Test();

    [GeneratedRegex(@"^\*\*(?<word>[A-Z][a-z]+)\*\*\n\n(?<item>- .*\n(?:  .*\n)*)+", RegexOptions.Multiline)]
    private static partial Regex List();

    [GeneratedRegex(@"^### \((?<letter>[a-z])\) \S.*\n(?:(?!##).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Attacker();
}
