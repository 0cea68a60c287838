using System.Collections.Immutable;
using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Formats;

namespace Images.Baker.Tests.Sources;

public sealed class PackageResolverTests
{
    [Theory]
    [InlineData("app:a | b;a;b", "app", "a app")]
    [InlineData("app:a | b;a;b", "app b", "app b")]
    [InlineData("app:a (>= 2) | b;a;b", "app", "app b")]
    [InlineData("app:virtual;one::virtual;two::virtual", "app", "app one")]
    [InlineData("app:virtual;one::virtual;two::virtual", "app two", "app two")]
    [InlineData("app:virtual (>= 2);one::virtual;two::virtual (= 2)", "app", "app two")]
    [InlineData("app:loop;loop:app", "app", "app loop")]
    [InlineData("app:lib:any;lib", "app", "app lib")]
    public void Dependencies_are_met_as_policy_says(string packages, string asked, string expected) =>
        string.Join(' ', Resolve(packages, asked).Select(package => package.Name)).ShouldBe(expected);

    [Fact]
    public void A_dropped_package_is_not_taken_and_its_dependants_are_content() =>
        Resolve("app:gone (>= 9), lib;gone:huge;lib", "app", "gone").Select(package => package.Name).ShouldBe(["app", "lib"]);

    [Theory]
    [InlineData("app:lib (>= 2);lib", "app", "BAKE0311")]
    [InlineData("app:virtual (>= 2);one::virtual", "app", "BAKE0311")]
    [InlineData("app", "missing", "BAKE0310")]
    [InlineData("app:lib;lib:::app", "app", "BAKE0312")]
    public void What_cannot_be_had_is_refused(string packages, string asked, string code) =>
        Should.Throw<BakeException>(() => Resolve(packages, asked)).Code.ShouldBe(code);

    [Fact]
    public void The_newest_version_across_the_suites_wins() =>
        PackageResolver.Resolve(new PackageUniverse([Make("a", version: "1.0"), Make("a", version: "1.0+deb13u2"), Make("a", version: "1.0~rc1")]), Names(""), "image.yaml", ["a"], false)
            .ShouldHaveSingleItem().Version.ToString().ShouldBe("1.0+deb13u2");

    // each package: name:depends:provides:conflicts
    private static ImmutableArray<ArchivePackage> Resolve(string packages, string asked, string dropped = "")
    {
        IEnumerable<ArchivePackage> universe = packages.Split(';').Select(text =>
        {
            string[] fields = [.. text.Replace(":any", "%any", StringComparison.Ordinal).Split(':'), "", "", ""];
            return Make(fields[0], fields[1].Replace("%any", ":any", StringComparison.Ordinal), fields[2], fields[3]);
        });
        return PackageResolver.Resolve(new PackageUniverse(universe), Names(dropped), "image.yaml", asked.Split(' '), withEssential: false);
    }

    private static HashSet<string> Names(string names) => new(names.Split(' '), StringComparer.Ordinal);

    private static ArchivePackage Make(string name, string depends = "", string provides = "", string conflicts = "", string version = "1.0") => new()
    {
        Name = name,
        Version = DebVersion.Parse(version),
        Architecture = "amd64",
        Archive = "debian",
        Suite = "test",
        Path = $"pool/{name}",
        Size = 1,
        Digest = Digest.Sha256([]),
        IsEssential = false,
        DependsField = depends,
        ProvidesField = provides,
        ConflictsField = conflicts,
    };
}
