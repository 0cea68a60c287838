using System.Globalization;
using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>A line of src has at most 120 columns: a short file that was bought with width is no short file.</summary>
public sealed class LineWidthTests
{
    private const int Limit = 120;

    [Fact]
    public void No_line_is_wider_than_the_limit() => Wide().ShouldBeEmpty();

    private static IEnumerable<string> Wide() =>
        from path in Sources.Files
        let name = Path.GetRelativePath(Path.Combine(Checkout.Folder, "src"), path)
        from line in File.ReadLines(path).Index()
        let width = new StringInfo(line.Item).LengthInTextElements
        where width > Limit
        select $"{name}:{line.Index + 1} has {width} columns";
}
