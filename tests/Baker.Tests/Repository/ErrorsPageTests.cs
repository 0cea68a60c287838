using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>docs/errors.md against the codes that the programs' sources say.</summary>
public sealed partial class ErrorsPageTests
{
    private static readonly string _page = File.ReadAllText(Path.Combine(Checkout.Folder, "docs", "errors.md"));

    [Fact]
    public void Every_code_of_both_programs_has_an_entry_and_every_entry_a_code()
    {
        string[] said = [.. Sources().SelectMany(CodesIn).Distinct().Order(StringComparer.Ordinal)];
        string[] described = [.. Entries().Select(entry => entry.Code).Order(StringComparer.Ordinal)];
        said.Length.ShouldBeGreaterThan(100);
        said.Except(described).ShouldBeEmpty("codes of src without an entry in docs/errors.md");
        described.Except(said).ShouldBeEmpty("entries of docs/errors.md whose code nothing in src says");
        described.ShouldBeUnique();
    }

    [Fact]
    public void Every_entry_shows_what_one_sees_and_says_what_to_do()
    {
        Entries().Where(entry => !Message().IsMatch(entry.Text)).Select(entry => entry.Code).ShouldBeEmpty("entries that show no message");
        Entries().Where(entry => !Remedy().IsMatch(entry.Text)).Select(entry => entry.Code).ShouldBeEmpty("entries without '**Do:**'");
    }

    [Fact]
    public void Codes_of_the_node_stand_in_their_order()
    {
        string[] codes = [.. Entries().Select(entry => entry.Code).Where(code => code.StartsWith("NODE", StringComparison.Ordinal))];
        codes.Length.ShouldBeGreaterThan(20);
        codes.ShouldBe(codes.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Sources() => Directory
        .EnumerateFiles(Path.Combine(Checkout.Folder, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    /// <summary>Of what the program says; comments name codes too.</summary>
    private static IEnumerable<string> CodesIn(string path) => File.ReadLines(path)
        .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
        .SelectMany(line => Code().Matches(line).Select(match => match.Value));

    private static IEnumerable<(string Code, string Text)> Entries() =>
        Entry().Matches(_page).Select(match => (match.Groups["code"].Value, match.Groups["text"].Value));

    [GeneratedRegex("(?:BAKE|NODE)[0-9]{4}")]
    private static partial Regex Code();

    [GeneratedRegex(@"^### (?<code>[A-Z]{4}[0-9]{4}) \S.*\n(?<text>(?:(?!##).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("^> `", RegexOptions.Multiline)]
    private static partial Regex Message();

    [GeneratedRegex(@"^\*\*Do:\*\* \S", RegexOptions.Multiline)]
    private static partial Regex Remedy();
}
