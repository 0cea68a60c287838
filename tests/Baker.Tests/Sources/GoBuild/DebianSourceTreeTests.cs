using Images.Baker.Kubernetes.GoBuild;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class DebianSourceTreeTests : IDisposable
{
    private const string Changelog = "tool (1.0-2) unstable; urgency=low\n\n  * Change.\n\n -- A B <a@example.org>  Sun, 08 Jun 2025 23:40:27 +0100\n\ntool (1.0-1) unstable; urgency=low\n\n  * First.\n\n -- A B <a@example.org>  Sun, 01 Jun 2025 00:00:00 +0000\n";
    private const string Patch = "Description: for people\n\n--- a/main.go\n+++ b/main.go\n@@ -1,2 +1,2 @@\n package main\n-// old\n+// new\n-- \n2.39\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_original_lies_beside_debian_and_the_series_is_applied()
    {
        Unpack("# a comment\nfirst.patch -p1\n".Replace(" -p1", "", StringComparison.Ordinal), Patch);
        File.ReadAllText(_folder["out/main.go"]).ShouldBe("package main\n// new\n");
        DebianSourceTree.ReadDate(_folder["out"], "x").ShouldBe(new DateTimeOffset(2025, 6, 8, 22, 40, 27, TimeSpan.Zero));
    }

    [Fact]
    public void A_package_without_patches_is_unpacked()
    {
        Unpack(null, Patch);
        File.ReadAllText(_folder["out/main.go"]).ShouldBe("package main\n// old\n");
    }

    [Theory]
    [InlineData("missing.patch\n")]
    [InlineData("../changelog\n")]
    [InlineData("/etc/passwd\n")]
    [InlineData("first.patch -p0\n")]
    public void A_series_that_names_no_patch_beside_it_is_refused(string series) =>
        Should.Throw<MalformedDataException>(() => Unpack(series, Patch)).Message.ShouldContain("series");

    [Fact]
    public void A_patch_that_does_not_fit_is_refused_by_name() =>
        Should.Throw<MalformedDataException>(() => Unpack("first.patch\n", Patch.Replace("// old", "// older", StringComparison.Ordinal)))
            .Message.ShouldStartWith("tool.debian.tar.xz/first.patch");

    [Fact]
    public void The_copyright_is_read_out_of_debian_s_part()
    {
        Write("in/debian/changelog", Changelog);
        Write("in/debian/copyright", "License: Apache-2.0\n");
        ReadCopyright().ShouldBe("License: Apache-2.0\n"u8.ToArray());
    }

    [Fact]
    public void A_package_without_a_copyright_is_refused_by_name()
    {
        Write("in/debian/changelog", Changelog);
        Should.Throw<MalformedDataException>(ReadCopyright).Message.ShouldMatch("^tool\\.debian\\.tar\\.xz.*debian/copyright");
    }

    private byte[] ReadCopyright()
    {
        Judge.Run("tar", "-C", _folder["in"], "-cJf", _folder["tool.debian.tar.xz"], "debian");
        using FileStream debian = File.OpenRead(_folder["tool.debian.tar.xz"]);
        return DebianSourceTree.ReadCopyright(debian, "tool.debian.tar.xz");
    }

    private void Unpack(string? series, string patch)
    {
        Write("in/tool-1.0/main.go", "package main\n// old\n");
        Write("in/debian/changelog", Changelog);
        Write("in/debian/patches/first.patch", patch);
        if (series is not null)
        {
            Write("in/debian/patches/series", series);
        }

        Judge.Run("tar", "-C", _folder["in"], "-czf", _folder["tool.orig.tar.gz"], "tool-1.0");
        Judge.Run("tar", "-C", _folder["in"], "-cJf", _folder["tool.debian.tar.xz"], "debian");
        Directory.CreateDirectory(_folder["out"]);
        using FileStream original = File.OpenRead(_folder["tool.orig.tar.gz"]), debian = File.OpenRead(_folder["tool.debian.tar.xz"]);
        DebianSourceTree.Unpack(("tool.orig.tar.gz", original), ("tool.debian.tar.xz", debian), _folder["out"], CancellationToken.None);
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], text);
    }
}
