using Images.Baker.Kubernetes.GoBuild;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class TarUnpackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_is_unpacked_as_tar_does_it()
    {
        Directory.CreateDirectory(_folder["in/top/dir"]);
        File.WriteAllText(_folder["in/top/dir/file"], "content");
        File.WriteAllText(_folder["in/top/tool"], "#!/bin/sh\n");
        Judge.Run("chmod", "755", _folder["in/top/tool"]);
        File.CreateSymbolicLink(_folder["in/top/link"], "dir/../dir");
        Judge.Run("ln", _folder["in/top/dir/file"], _folder["in/top/hard"]);
        Judge.Run("tar", "-C", _folder["in"], "-cf", _folder["a.tar"], "top");

        Unpack(File.ReadAllBytes(_folder["a.tar"]), stripped: 1);

        Judge.Run("diff", "-r", "--no-dereference", _folder["in/top"], _folder["out"]);
        Judge.Try("test", "-x", _folder["out/tool"]).ExitCode.ShouldBe(0);
        Judge.Try("find", _folder["out/dir/file"], "-perm", "/111").Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../x", "")]
    [InlineData("a/../../x", "")]
    [InlineData("link", "/etc")]
    [InlineData("link", "../x")]
    [InlineData("dir/link", "../../x")]
    [InlineData("dir/link", "a/../../../x")]
    public void What_leads_out_of_the_folder_is_refused(string path, string target)
    {
        byte[] entry = target.Length == 0 ? TarBytes.Entry(path, content: "x") : TarBytes.Entry(path, '2', link: target);
        Should.Throw<MalformedDataException>(() => Unpack([.. entry, .. TarBytes.End], stripped: 0)).Message.ShouldContain(path);
        File.Exists(_folder["x"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("link/file", '0', "")]
    [InlineData("link", '0', "")]
    [InlineData("hard", '1', "link/file")]
    public void What_lies_at_or_behind_a_link_of_the_archive_is_refused(string path, char type, string target)
    {
        byte[] archive = [.. TarBytes.Entry("dir/file", content: "x"), .. TarBytes.Entry("link", '2', link: "dir"), .. TarBytes.Entry(path, type, type == '0' ? "y" : "", target), .. TarBytes.End];
        Should.Throw<MalformedDataException>(() => Unpack(archive, stripped: 0)).Message.ShouldContain("behind the link");
        File.ReadAllText(_folder["out/dir/file"]).ShouldBe("x");
    }

    [Fact]
    public void A_device_is_refused() =>
        Should.Throw<MalformedDataException>(() => Unpack([.. TarBytes.Entry("null", '3'), .. TarBytes.End], stripped: 0)).Message.ShouldContain("null");

    private void Unpack(byte[] tar, int stripped)
    {
        Directory.CreateDirectory(_folder["out"]);
        using MemoryStream stream = new(tar);
        new TarUnpacker(_folder["out"]).Unpack(stream, "a.tar", stripped, CancellationToken.None);
    }
}
