using Images.Baker.Debian.Packages;
using Images.Formats;
using Images.Formats.Ar;
using Images.Formats.Tar;
using Images.TestSupport;

namespace Images.Baker.Tests.Packages;

public sealed class DebPackageTests
{
    [Theory]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("none")]
    public void A_package_of_dpkg_deb_is_read_as_dpkg_deb_reads_it(string compression)
    {
        using TemporaryFolder folder = new();
        string file = Build(folder, compression);
        using FileStream stream = File.OpenRead(file);
        DebPackage package = DebPackage.Open(stream, "sample.deb");
        package.Control.Package.ShouldBe("sample");
        package.Control.Version.ShouldBe(DebVersion.Parse("1:2.0~rc1-3"));
        package.Control.Architecture.ShouldBe("all");
        package.Control.Fields["Description"].ShouldBe("a sample\n of two lines");
        package.Control.Conffiles.ShouldBe(["/etc/sample.conf"]);
        package.Control.MaintainerScripts.ShouldBe(["postinst", "prerm"]);
        package.Control.Members.Keys.ShouldBe(["conffiles", "control", "postinst", "prerm"]);
        package.Control.Fields.ToString().ShouldBe(Judge.Run("dpkg-deb", "--field", file));

        Judge.Run("sh", "-c", $"dpkg-deb --fsys-tarfile {file} > {folder["judge.tar"]}");
        Data(package).ShouldBe(File.ReadAllBytes(folder["judge.tar"]));
        Data(package).Length.ShouldBeGreaterThan(100_000);
        using Stream data = package.OpenData();
        new TarReader(data, package.DataName).Select(TarListing.LineOf).ShouldBe(TarListing.OfTar(folder["judge.tar"]));
    }

    [Fact]
    public void A_compression_that_is_not_supported_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["debian-binary"], "2.0\n");
        File.WriteAllBytes(folder["control.tar.bz2"], TarBytes.End);
        File.WriteAllBytes(folder["data.tar"], TarBytes.End);
        Judge.Run("ar", "rcD", folder["made.deb"], folder["debian-binary"], folder["control.tar.bz2"], folder["data.tar"]);
        using FileStream stream = File.OpenRead(folder["made.deb"]);
        Should.Throw<MalformedDataException>(() => DebPackage.Open(stream, "made.deb")).Message.ShouldContain("'.bz2' is not supported");
    }

    [Theory]
    [InlineData("3.0\n", "control.tar", "data.tar")]
    [InlineData("2.0", "control.tar", "data.tar")]
    [InlineData("2.0\n", "data.tar", "control.tar")]
    [InlineData("2.0\n", "control.tar", "other")]
    public void What_is_no_package_of_format_2_is_refused(string format, string second, string third)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["debian-binary"], format);
        File.WriteAllBytes(folder[second], TarBytes.End);
        File.WriteAllBytes(folder[third], TarBytes.End);
        Judge.Run("ar", "rcD", folder["made.deb"], folder["debian-binary"], folder[second], folder[third]);
        using FileStream stream = File.OpenRead(folder["made.deb"]);
        Should.Throw<MalformedDataException>(() => DebPackage.Open(stream, "made.deb"));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("zstd")]
    public void A_package_cut_off_anywhere_is_refused(string compression)
    {
        using TemporaryFolder folder = new();
        byte[] file = File.ReadAllBytes(Build(folder, compression));
        for (int length = 0; length < file.Length; length += 37)
        {
            Should.Throw<MalformedDataException>(() => DebPackage.Open(new MemoryStream(file[..length]), "cut.deb"), $"cut off at {length}");
        }
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("zstd")]
    public void A_flipped_bit_in_the_data_is_noticed_at_the_latest_at_their_end(string compression)
    {
        using TemporaryFolder folder = new();
        byte[] file = File.ReadAllBytes(Build(folder, compression));
        ArMember data = ArReader.Read(new MemoryStream(file), "sample.deb")[2];
        for (long place = data.Offset; place < data.Offset + data.Size; place += 997)
        {
            byte[] flipped = [.. file];
            flipped[place] ^= 0x10;
            DebPackage package = DebPackage.Open(new MemoryStream(flipped), "flipped.deb");
            Should.Throw<MalformedDataException>(() => new TarReader(package.OpenData(), package.DataName).Count(), $"flipped at {place}");
        }
    }

    private static string Build(TemporaryFolder folder, string compression)
    {
        string root = folder["root"];
        Directory.CreateDirectory(Path.Combine(root, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        Directory.CreateDirectory(Path.Combine(root, "usr/share/doc/sample"));
        Judge.Run("chmod", "-R", "u=rwX,go=rX", root);
        File.WriteAllText(Path.Combine(root, "DEBIAN/control"),
            "Package: sample\nVersion: 1:2.0~rc1-3\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a sample\n of two lines\n");
        File.WriteAllText(Path.Combine(root, "DEBIAN/conffiles"), "/etc/sample.conf\n");
        File.WriteAllText(Path.Combine(root, "DEBIAN/postinst"), "#!/bin/sh\n");
        File.WriteAllText(Path.Combine(root, "DEBIAN/prerm"), "#!/bin/sh\n");
        Judge.Run("chmod", "755", Path.Combine(root, "DEBIAN/postinst"), Path.Combine(root, "DEBIAN/prerm"));
        File.WriteAllText(Path.Combine(root, "etc/sample.conf"), "a = b\n");
        File.WriteAllBytes(Path.Combine(root, "usr/share/doc/sample/noise"), SampleData.Mixed(100_000));
        File.CreateSymbolicLink(Path.Combine(root, "usr/share/doc/sample/" + new string('l', 120)), "noise");
        string file = folder["sample.deb"];
        Judge.Run("dpkg-deb", "--root-owner-group", $"-Z{compression}", "--build", root, file);
        return file;
    }

    private static byte[] Data(DebPackage package)
    {
        using Stream data = package.OpenData();
        using MemoryStream output = new();
        data.CopyTo(output);
        return output.ToArray();
    }
}
