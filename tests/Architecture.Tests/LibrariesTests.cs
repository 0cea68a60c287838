using System.Xml.Linq;
using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>docs/libraries.md lists each library of others with the version that is built with.</summary>
public sealed class LibrariesTests
{
    [Fact]
    public void Each_library_stands_in_the_list_with_its_version_and_no_other_does()
    {
        string[] pinned =
        [
            .. XDocument.Load(Path.Combine(Checkout.Folder, "Directory.Packages.props")).Descendants("PackageVersion")
                .Select(package => $"{package.Attribute("Include")!.Value} {package.Attribute("Version")!.Value}")
                .Order(StringComparer.Ordinal),
        ];
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(Checkout.Folder, "docs", "libraries.md"))
                .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
                .Skip(1) // the heading
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries)),
        ];

        pinned.Length.ShouldBeGreaterThan(10);
        rows.Select(row => $"{row[1]} {row[2]}").Order(StringComparer.Ordinal).ShouldBe(pinned);
        rows.ShouldAllBe(row => row[3].Length > 0, "each has a licence");
    }
}
