using System.Text;
using Images.Baker.Debian.Archive;
using Images.Formats;

namespace Images.Baker.Tests.Sources;

public sealed class ReleaseFileTests
{
    private const string Begin = "Suite: stable\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n";
    private const string Path = "main/binary-amd64/Packages.xz";

    private static readonly string _first = new('0', 64), _second = new('1', 64);

    [Fact]
    public void An_index_that_stands_there_twice_alike_is_one() =>
        Parse($"{Begin} {_first} 5 {Path}\n {_first} 5 {Path}\n").Indexes.ShouldHaveSingleItem().Value.Size.ShouldBe(5);

    [Fact]
    public void An_index_with_two_digests_or_sizes_is_refused_by_name()
    {
        Should.Throw<MalformedDataException>(() => Parse($"{Begin} {_first} 5 {Path}\n {_second} 5 {Path}\n")).Message.ShouldContain($"'{Path}' stands there twice");
        Should.Throw<MalformedDataException>(() => Parse($"{Begin} {_first} 5 {Path}\n {_first} 6 {Path}\n"));
    }

    private static ReleaseFile Parse(string text) => ReleaseFile.Parse(Encoding.UTF8.GetBytes(text), "Release");
}
