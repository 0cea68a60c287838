using Images.Baker.Debian.Archive;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class MirrorSetTests
{
    [Fact]
    public void Only_entries_that_serve_debian_count()
    {
        using TemporaryFolder apt = new();
        Directory.CreateDirectory(apt["sources.list.d"]);
        File.WriteAllText(apt["sources.list"], """
            # comment
            deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian/ bookworm main contrib # yes
            deb-src http://source.example/debian bookworm main
            deb http://ubuntu.example/ubuntu noble main
            deb https://vendor.example/linux/debian bookworm stable
            deb http://other.example/debian kali-rolling main
            deb cdrom:[Debian]/ trixie main
            """);
        File.WriteAllText(apt["sources.list.d/debian.sources"], """
            Types: deb deb-src
            URIs: https://user:pass@two.example/pub/debian-security
            Suites: trixie-security
            Components: main

            Types: deb
            Enabled: no
            URIs: http://off.example/debian
            Suites: trixie
            Components: main
            """);
        File.WriteAllText(apt["sources.list.d/broken.sources"], "no field\n");

        MirrorSet mirrors = MirrorSet.Choose(null, AptSources.Read(apt.FullPath));

        mirrors.For("debian").Select(mirror => mirror.ToString()).ShouldBe(["http://one.example/debian/", "http://ftp.debian.org/debian/"]);
        mirrors.For("debian-security").Select(mirror => mirror.ToString()).ShouldBe(
            ["https://two.example/pub/debian-security/", "http://one.example/debian-security/", "http://ftp.debian.org/debian-security/"]);
    }

    [Theory]
    [InlineData("No")]
    [InlineData("FALSE")]
    [InlineData("without")]
    [InlineData("Off")]
    [InlineData("disable")]
    [InlineData("0")]
    [InlineData("0x0")]
    public void A_source_that_is_switched_off_in_any_way_of_apt_s_is_not_asked(string word) =>
        Found($"Types: deb\nEnabled: {word}\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\n").ShouldBeEmpty();

    [Theory]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("1")]
    [InlineData("10")]
    public void A_source_that_is_switched_on_is_asked(string word) =>
        Found($"Types: deb\nEnabled: {word}\nURIs: http://on.example/debian\nSuites: trixie\nComponents: main\n").ShouldBe(["debian http://on.example/debian"]);

    [Theory]
    [InlineData("http://m.example/repository/debian-trixie", "trixie trixie-updates", "", "debian")]
    [InlineData("http://m.example/pulp/content/deb-bookworm", "bookworm", "", "debian")]
    [InlineData("http://m.example/repository/deb-all", "trixie trixie-security", "", "debian+debian-security")]
    [InlineData("http://m.example/repository/debian-sec", "trixie-security", "", "debian-security")]
    [InlineData("http://m.example/mirror", "trixie", "/usr/share/keyrings/debian-archive-keyring.gpg", "debian")]
    [InlineData("http://m.example/mirror", "trixie", "", "")]
    [InlineData("http://m.example/packages", "stable", "/k/vendor-archive-keyring.gpg", "")]
    public void A_mirror_may_call_its_folder_as_it_likes(string address, string suites, string key, string archives) =>
        Found($"Types: deb\nURIs: {address}\nSuites: {suites}\nComponents: main\nSigned-By: {key}\n")
            .ShouldBe(archives.Split('+', StringSplitOptions.RemoveEmptyEntries).Select(archive => $"{archive} {address}"));

    [Fact]
    public void A_list_of_mirrors_is_read_and_what_is_not_read_is_said()
    {
        using TemporaryFolder apt = new();
        Directory.CreateDirectory(apt["sources.list.d"]);
        File.WriteAllText(apt["debian.list"], "# mirrors\nhttp://one.example/debian\tpriority:1\nhttps://two.example/debian\n");
        File.WriteAllText(apt["sources.list"], $"""
            deb mirror+file://{apt["debian.list"]} trixie main
            deb mirror+file:/nowhere/debian.list trixie main
            deb tor+http://user:secret@three.example/debian trixie main
            deb cdrom:[Debian]/ trixie main
            """);
        File.WriteAllText(apt["sources.list.d/with blank.list"], "deb http://apt-leaves-this-out.example/debian trixie main\n");

        MirrorSet mirrors = MirrorSet.Choose(null, AptSources.Read(apt.FullPath));

        mirrors.For("debian").Select(mirror => mirror.ToString()).ShouldBe(["http://one.example/debian/", "https://two.example/debian/", "http://ftp.debian.org/debian/"]);
        mirrors.Notices.ShouldBe(
        [
            "apt's source 'mirror+file:/nowhere/debian.list' is not asked: the file names no mirror, or cannot be read.",
            "apt's source 'tor+http://three.example/debian' is not asked: http, https and mirror+file are.",
        ]);
    }

    [Theory]
    [InlineData("http://m.example/repository/debian-trixie")]
    [InlineData("http://m.example/repository/debian-trixie/")]
    public void An_option_of_another_name_may_be_the_archive_itself(string option)
    {
        MirrorSet mirrors = MirrorSet.Choose(option, AptSources.None);
        mirrors.For("debian").Select(mirror => mirror.ToString())
            .ShouldBe(["http://m.example/repository/debian-trixie/debian/", "http://m.example/repository/debian-trixie/"]);
        mirrors.For("debian-security").Select(mirror => mirror.ToString())
            .ShouldBe(["http://m.example/repository/debian-trixie/debian-security/", "http://m.example/repository/debian-trixie/"]);
    }

    [Theory]
    [InlineData("http://m.example")]
    [InlineData("http://m.example/debian")]
    [InlineData("http://m.example/debian-security/")]
    public void The_option_names_a_host_or_one_of_its_archives(string option)
    {
        MirrorSet mirrors = MirrorSet.Choose(option, AptSources.None);
        mirrors.For("debian")[0].ToString().ShouldBe("http://m.example/debian/");
        mirrors.For("debian-security")[0].ToString().ShouldBe("http://m.example/debian-security/");
    }

    [Fact]
    public void An_option_that_is_no_address_is_refused() =>
        Should.Throw<BakeException>(() => MirrorSet.Choose("ftp://m.example", AptSources.None)).Code.ShouldBe("BAKE0341");

    [Fact]
    public void A_host_without_apt_gets_the_default_mirror() =>
        MirrorSet.Choose(null, AptSources.Read("/nowhere")).For("debian").ShouldHaveSingleItem().ToString().ShouldBe("http://ftp.debian.org/debian/");

    private static IEnumerable<string> Found(string deb822)
    {
        using TemporaryFolder apt = new();
        Directory.CreateDirectory(apt["sources.list.d"]);
        File.WriteAllText(apt["sources.list.d/debian.sources"], deb822);
        return [.. AptSources.Read(apt.FullPath).Found.Select(source => $"{source.Archive} {source.Address}")];
    }
}
