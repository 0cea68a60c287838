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
    [InlineData("http://m.example")]
    [InlineData("http://m.example/debian")]
    [InlineData("http://m.example/debian-security/")]
    public void The_option_names_a_host_or_one_of_its_archives(string option)
    {
        MirrorSet mirrors = MirrorSet.Choose(option, []);
        mirrors.For("debian").ShouldHaveSingleItem().ToString().ShouldBe("http://m.example/debian/");
        mirrors.For("debian-security").ShouldHaveSingleItem().ToString().ShouldBe("http://m.example/debian-security/");
    }

    [Fact]
    public void An_option_that_is_no_address_is_refused() =>
        Should.Throw<BakeException>(() => MirrorSet.Choose("ftp://m.example", [])).Code.ShouldBe("BAKE0341");

    [Fact]
    public void A_host_without_apt_gets_the_default_mirror() =>
        MirrorSet.Choose(null, AptSources.Read("/nowhere")).For("debian").ShouldHaveSingleItem().ToString().ShouldBe("http://ftp.debian.org/debian/");
}
