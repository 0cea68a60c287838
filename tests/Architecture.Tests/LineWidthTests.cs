using System.Globalization;
using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>A line of src has at most 120 columns: a short file that was bought with width is no short file.</summary>
public sealed class LineWidthTests
{
    private const int Limit = 120;

    /// <summary>Projects that are not yet there. The list only shrinks.</summary>
    private static readonly string[] _notYet = ["Baker"];

    [Fact]
    public void No_line_is_wider_than_the_limit() => Wide()
        .Where(line => !_notYet.Contains(line.Project, StringComparer.Ordinal))
        .Select(line => line.Place)
        .ShouldBeEmpty();

    [Fact]
    public void A_project_without_a_wide_line_is_no_longer_excused() =>
        _notYet.Except(Wide().Select(line => line.Project), StringComparer.Ordinal).ShouldBeEmpty();

    private static IEnumerable<(string Project, string Place)> Wide() =>
        from path in Sources.Files
        let name = Path.GetRelativePath(Path.Combine(Checkout.Folder, "src"), path)
        from line in File.ReadLines(path).Index()
        let width = new StringInfo(line.Item).LengthInTextElements
        where width > Limit
        select (name.Split(Path.DirectorySeparatorChar)[0], $"{name}:{line.Index + 1} has {width} columns");
}
