using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Tar;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.Tar;

public sealed class TarArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tar_lists_what_was_written()
    {
        FileTreeBuilder tree = new(0);
        tree.AddText("etc/hello", "hello\n", 0b110_100_000, uid: 12, gid: 34);
        tree.AddDirectory("tmp", 0b1_111_111_111);
        tree.AddSymlink("etc/link", "hello");
        tree.Set(TreePath.Parse("etc/again"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("etc/hello") });
        Write(tree);

        Judge.Run("tar", "tvf", _folder["a.tar"], "--numeric-owner").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ShouldBe(
        [
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/",
            "hrw-r----- 12/34 0 1970-01-01 00:00 etc/again link to etc/hello",
            "-rw-r----- 12/34 6 1970-01-01 00:00 etc/hello",
            "lrwxrwxrwx 0/0 0 1970-01-01 00:00 etc/link -> hello",
            "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
        ], ignoreOrder: true);
    }

    [Fact]
    public void Tar_extracts_the_same_bytes_whatever_their_number() => Prop.ForAll(
        Gen.Elements(0, 1, 511, 512, 513, 1023, 1024, 65_535, 65_536, 70_001).ToArbitrary(),
        Gen.Choose(1, 220).ToArbitrary(),
        (size, nameLength) =>
        {
            string name = string.Join('/', Enumerable.Repeat("folder-of-20-letters", nameLength / 21).Append(new string('n', (nameLength % 21) + 1)));
            byte[] content = SampleData.Mixed(size);
            FileTreeBuilder tree = new(0);
            tree.AddFile(name, new MemoryContent(content));
            Write(tree);

            string target = Directory.CreateDirectory(_folder[Guid.NewGuid().ToString()]).FullName;
            Judge.Run("tar", "xf", _folder["a.tar"], "-C", target);
            File.ReadAllBytes(Path.Combine(target, name)).ShouldBe(content);
            using FileStream archive = File.OpenRead(_folder["a.tar"]);
            new TarReader(archive, "a.tar").Count(entry => entry.Kind == TarEntryKind.File && entry.Path == name && entry.Size == size).ShouldBe(1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void The_length_and_digest_that_are_announced_are_those_of_the_bytes()
    {
        FileTreeBuilder tree = new(0);
        tree.AddFile("a", new MemoryContent(SampleData.Mixed(1_000_000)));
        tree.AddText("empty", "");
        FileContent archive = Write(tree);

        byte[] bytes = File.ReadAllBytes(_folder["a.tar"]);
        archive.Length.ShouldBe(bytes.Length);
        archive.Digest.ShouldBe(Digest.Sha256(bytes));
    }

    [Fact]
    public void What_ustar_cannot_hold_is_refused_by_name()
    {
        Refused(tree => tree.AddText(new string('a', 101), "")).ShouldContain("does not fit");
        Refused(tree => tree.AddSymlink("link", new string('a', 101))).ShouldContain("/link");
        Refused(tree => tree.AddText("a", "", uid: 0x200000)).ShouldContain("owner");
        Refused(tree => tree.Set(TreePath.Parse("dev/null"), new DeviceNode { Mode = 0, Kind = DeviceKind.Character, Major = 1, Minor = 3 })).ShouldContain("/dev/null");
    }

    private static string Refused(Action<FileTreeBuilder> fill)
    {
        FileTreeBuilder tree = new(0);
        fill(tree);
        ContentException refusal = Should.Throw<ContentException>(() => TarArchive.Of(tree.Build()));
        refusal.Code.ShouldBe("BAKE0611");
        return refusal.Message;
    }

    private FileContent Write(FileTreeBuilder tree)
    {
        FileContent archive = TarArchive.Of(tree.Build());
        using FileStream output = File.Create(_folder["a.tar"]);
        using Stream input = archive.OpenRead();
        input.CopyTo(output);
        return archive;
    }
}
