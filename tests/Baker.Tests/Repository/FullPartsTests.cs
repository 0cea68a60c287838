using System.Globalization;
using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>tests/full-parts.txt against the test classes that there are.</summary>
public sealed partial class FullPartsTests
{
    private const int MostMinutes = 40;

    private static readonly Line[] _lines =
    [
        .. File.ReadLines(Path.Combine(Checkout.Folder, "tests", "full-parts.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => new Line(Number(words[0]), Number(words[1]), words[2], words[3])),
    ];

    [Fact]
    public void Every_test_class_is_in_one_part()
    {
        (string Project, string Class)[] classes = [.. TestClasses()];
        classes.Length.ShouldBeGreaterThan(150);
        classes.Where(found => !_lines.Any(line => line.Project == found.Project && line.Class is { } name && (name == found.Class || name == "*")))
            .ShouldBeEmpty("test classes that no line of tests/full-parts.txt holds");
        _lines.Where(line => line.Class != "*" && !classes.Contains((line.Project, line.Class)))
            .ShouldBeEmpty("lines of tests/full-parts.txt whose class does not exist");
        _lines.Select(line => (line.Project, line.Class)).ShouldBeUnique();
    }

    [Fact]
    public void Classes_that_start_machines_are_named_one_by_one() =>
        _lines.ShouldNotContain(line => line.Project == "EndToEnd.Tests" && line.Class == "*");

    [Fact]
    public void No_part_takes_more_than_forty_minutes() => _lines.GroupBy(line => line.Part)
        .Where(part => part.Sum(line => line.Minutes) > MostMinutes).Select(part => part.Key).ShouldBeEmpty();

    [Fact]
    public void Parts_are_counted_from_one() =>
        _lines.Select(line => line.Part).Distinct().ShouldBe(Enumerable.Range(1, _lines.Max(line => line.Part)));

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static IEnumerable<(string Project, string Class)> TestClasses() =>
        from folder in Directory.EnumerateDirectories(Path.Combine(Checkout.Folder, "tests"))
        from path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        where !path.Contains("/obj/", StringComparison.Ordinal)
        let text = File.ReadAllText(path)
        where Test().IsMatch(text)
        select (Path.GetFileName(folder), Path.GetFileNameWithoutExtension(path));

    [GeneratedRegex(@"^\s*\[(?:Fact|Theory)\b", RegexOptions.Multiline)]
    private static partial Regex Test();

    private sealed record Line(int Part, int Minutes, string Project, string Class);
}
