using System.Globalization;
using System.Text.RegularExpressions;
using Images.TestSupport;
using Xunit.Sdk;
using Xunit.v3;

namespace Images.EndToEnd.Tests;

/// <summary>
/// Starts what takes longest first, by the minutes in tests/full-parts.txt, so that no long class is left to run alone at the
/// end; groups of classes, which the list does not know, before all.
/// </summary>
public sealed partial class LongestFirst : ITestCollectionOrderer
{
    private readonly Dictionary<string, int> _minutes = File.ReadLines(Path.Combine(Checkout.Folder, "tests", "full-parts.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words[2] == "EndToEnd.Tests")
        .ToDictionary(words => words[3], words => int.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
    [
        .. testCollections.OrderByDescending(collection => MinutesOf(collection.TestCollectionDisplayName))
            .ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal),
    ];

    private int MinutesOf(string collection) =>
        _minutes.GetValueOrDefault(ClassName().Match(collection).Groups[1].Value, int.MaxValue);

    // "Test collection for Images.EndToEnd.Tests.SeedTests (id: …)"
    [GeneratedRegex(@"\.(\w+) \(id: ")]
    private static partial Regex ClassName();
}
