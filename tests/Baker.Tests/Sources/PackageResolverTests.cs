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

    [Theory]
    [InlineData("app;+app=2", "app", "app=1.0")]
    [InlineData("app:lib (>= 2);lib;+lib=2", "app", "app=1.0 lib=2")]
    [InlineData("app:lib (>= 2) | other;lib;+lib=2;other", "app", "app=1.0 other=1.0")]
    [InlineData("app:new | other;+new;other", "app", "app=1.0 other=1.0")]
    [InlineData("app:virtual;+one::virtual;two::virtual", "app", "app=1.0 two=1.0")]
    [InlineData("app:virtual;+one::virtual", "app", "app=1.0 one=1.0")]
    [InlineData("app:new;+new", "app", "app=1.0 new=1.0")]
    [InlineData("+new", "new", "new=1.0")]
    [InlineData("app:lib, tool;lib;tool:lib (>= 2);+lib=2:deep;deep", "app", "app=1.0 deep=1.0 lib=2 tool=1.0")]
    [InlineData("lib;app:lib (>= 2);+lib=2", "lib app", "app=1.0 lib=2")]
    [InlineData("app:virtual;one;+one=2::virtual", "one app", "app=1.0 one=2")]
    public void Suites_that_are_not_automatic_give_only_what_no_other_satisfies(
        string packages, string asked, string expected) =>
        string.Join(' ', Resolve(packages, asked).Select(package => $"{package.Name}={package.Version}"))
            .ShouldBe(expected);

    [Fact]
    public void One_name_has_one_version_in_everything_that_is_asked_for()
    {
        ArchivePackage[] offered = [Make("a"), Make("b", "a (>= 2)"), Make("a", version: "2", notAutomatic: true)];
        ImmutableArray<ImmutableArray<ArchivePackage>> resolved = PackageResolver.Resolve(
            new PackageUniverse(offered), Names(""), "image.yaml", new PackageRequest(["a"], false), new PackageRequest(["b"], false));
        resolved[0].ShouldHaveSingleItem().Version.ToString().ShouldBe("2");
        resolved[1][0].Version.ToString().ShouldBe("2");
    }

    [Fact]
    public void Essential_packages_of_backports_are_not_taken() =>
        PackageResolver.Resolve(
            new PackageUniverse([Make("a") with { IsEssential = true }, Make("a", version: "2", notAutomatic: true) with { IsEssential = true }, Make("c", notAutomatic: true) with { IsEssential = true }]),
            Names(""), "image.yaml", new PackageRequest([], WithEssential: true))
            [0].ShouldHaveSingleItem().Version.ToString().ShouldBe("1.0");

    [Theory]
    [InlineData("app:virt (>= 2);p2::virt (= 2~rc1)", "needs 'virt (>= 2)'; 'p2' 1.0 provides 'virt' in 2~rc1 only.")]
    [InlineData("app:virt (>= 2);p2::virt", "needs 'virt (>= 2)'; 'p2' 1.0 provides 'virt' without a version, which meets none.")]
    [InlineData("app:lib (>= 9);lib;+lib=2;p::lib (= 3)", "needs 'lib (>= 9)'; the newest 'lib' in the suites is 2; 'p' 1.0 provides 'lib' in 3 only.")]
    [InlineData("app:lib (>= 2), old;lib;old:lib (<< 2);+lib=2", "(wanted by app, wanted by image.yaml) needs 'lib (<< 2)'; the newest 'lib' in the suites is 2.")]
    public void A_dependency_that_cannot_be_met_says_what_there_is(string packages, string message) =>
        Should.Throw<BakeException>(() => Resolve(packages, "app")).Message.ShouldContain(message);

    [Fact]
    public void The_newest_version_across_the_suites_wins() =>
        PackageResolver.Resolve(new PackageUniverse([Make("a", version: "1.0"), Make("a", version: "1.0+deb13u2"), Make("a", version: "1.0~rc1")]), Names(""), "image.yaml", new PackageRequest(["a"], false))
            [0].ShouldHaveSingleItem().Version.ToString().ShouldBe("1.0+deb13u2");

    // each package: name=version:depends:provides:conflicts; one of backports begins with '+'
    private static ImmutableArray<ArchivePackage> Resolve(string packages, string asked, string dropped = "")
    {
        IEnumerable<ArchivePackage> universe = packages.Split(';').Select(text =>
        {
            string[] fields = [.. text.Replace(":any", "%any", StringComparison.Ordinal).Split(':'), "", "", ""];
            string[] name = [.. fields[0].TrimStart('+').Split('='), "1.0"];
            return Make(name[0], fields[1].Replace("%any", ":any", StringComparison.Ordinal), fields[2], fields[3], name[1], text[0] == '+');
        });
        return PackageResolver.Resolve(new PackageUniverse(universe), Names(dropped), "image.yaml", new PackageRequest([.. asked.Split(' ')], WithEssential: false))[0];
    }

    private static HashSet<string> Names(string names) => new(names.Split(' '), StringComparer.Ordinal);

    private static ArchivePackage Make(string name, string depends = "", string provides = "", string conflicts = "", string version = "1.0", bool notAutomatic = false) => new()
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
        NotAutomatic = notAutomatic,
        DependsField = depends,
        ProvidesField = provides,
        ConflictsField = conflicts,
    };
}
