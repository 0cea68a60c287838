using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Cpio;
using Images.Formats.Tests.Tree;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.Cpio;

public sealed class CpioWriterTests
{
    [Fact]
    public void The_first_entry_is_laid_out_as_the_kernel_documents_it()
    {
        FileTreeBuilder builder = new(0x1234);
        builder.AddText("a", "hello", mode: 0x1A4, uid: 3, gid: 4);
        byte[] archive = Write(builder.Build());

        Encoding.ASCII.GetString(archive, 0, 112).ShouldBe(
            "070701" + "00000001" + "000041ed" + "00000000" + "00000000" + "00000001" + "00001234" + "00000000"
            + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + ".\0");
        Encoding.ASCII.GetString(archive, 112, 120).ShouldBe(
            "070701" + "00000002" + "000081a4" + "00000003" + "00000004" + "00000001" + "00001234" + "00000005"
            + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "hello\0\0\0");
        Encoding.ASCII.GetString(archive, 232, archive.Length - 232).ShouldStartWith("07070100000000");
        archive.Length.ShouldBe(232 + 124);
    }

    [Fact]
    public void Cpio_lists_every_kind_of_entry_as_it_was_written()
    {
        byte[] archive = Write(EveryKind());
        JudgeResult listing = Judge.Try("cpio", ["-itv", "--numeric-uid-gid", "--quiet"], archive);

        listing.Error.ShouldBe("");
        string[] lines = [.. listing.Output.TrimEnd('\n').Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        lines.ShouldBe(
        [
            "drwxr-xr-x 1 0 0 0 Jan 2 1970 .",
            "drwxr-xr-x 1 0 0 0 Jan 2 1970 bin",
            "-rwsr-xr-x 3 1 2 0 Jan 2 1970 bin/a",
            "-rwsr-xr-x 3 1 2 0 Jan 2 1970 bin/b",
            "-rwsr-xr-x 3 1 2 7 Jan 2 1970 bin/c",
            "lrwxrwxrwx 1 0 0 5 Jan 2 1970 bin/link -> bin/a",
            "drwxr-xr-x 1 0 0 0 Jan 2 1970 dev",
            "crw------- 1 0 0 5, 1 Jan 2 1970 dev/console",
            "brw-rw---- 1 0 6 8, 0 Jan 2 1970 dev/sda",
            "-rw-r--r-- 1 0 0 0 Jan 2 1970 empty",
        ]);
    }

    [Fact]
    public void Cpio_unpacks_every_size_around_the_padding_and_the_copy_buffer()
    {
        Gen<int[]> sizes = Gen.ArrayOf(Gen.Elements(0, 1, 2, 3, 4, 5, 4095, 4096, 131071, 131072, 131073, 300001), 6);
        Prop.ForAll(sizes.ToArbitrary(), UnpacksAlike).Check(Config.QuickThrowOnFailure.WithMaxTest(8));
    }

    [Fact]
    public void Cpio_unpacks_any_tree()
    {
        Gen<(string, int)> file = Gen.Zip(AnyPath.Of(folders: 14), Gen.Elements(0, 1, 3, 4, 5, 4096));
        Prop.ForAll(Gen.Choose(0, 12).SelectMany(count => file.ArrayOf(count)).ToArbitrary(), files =>
        {
            FileTreeBuilder builder = new(0);
            foreach ((string path, int size) in files)
            {
                builder.AddFile(path, new MemoryContent(Enumerable.Range(0, size).Select(place => unchecked((byte)(path.Length + place))).ToArray()));
            }

            FileTree tree = builder.Build();
            UnpacksAlike(tree, out string[] found).ShouldBeTrue();
            found.ShouldBe(tree.Nodes.Keys.Where(path => !path.IsRoot).Select(path => path.Value).Order(StringComparer.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Fact]
    public void Two_archives_in_a_row_are_both_unpacked()
    {
        FileTreeBuilder second = new(0);
        second.AddText("etc/verity", "ROOT_HASH=00\n");
        using TemporaryFolder folder = new();
        Judge.Try("cpio", ["-idm", "--quiet"], Write(EveryFile()), folder.FullPath).ExitCode.ShouldBe(0);
        byte[] both = [.. Write(EveryFile()), .. Write(second.Build())];
        (both.Length % 4).ShouldBe(0);
        JudgeResult listing = Judge.Try("cpio", ["-it", "--quiet"], both[Write(EveryFile()).Length..]);
        listing.Output.ShouldContain("etc/verity");
    }

    [Fact]
    public void The_same_tree_gives_the_same_bytes_whatever_the_order_of_building()
    {
        FileTreeBuilder shuffled = new(86400);
        foreach ((TreePath path, TreeNode node) in EveryKind().Nodes.Reverse())
        {
            shuffled.Set(path, node);
        }

        Write(shuffled.Build()).ShouldBe(Write(EveryKind()));
    }

    [Fact]
    public void A_time_before_1970_is_refused_by_path()
    {
        FileTreeBuilder builder = new(-1);
        builder.AddText("a", "");
        Should.Throw<MalformedDataException>(() => Write(builder.Build())).Message.ShouldContain("time -1 does not fit");
    }

    [Fact]
    public void A_name_that_the_kernel_would_skip_is_refused()
    {
        FileTreeBuilder builder = new(0);
        builder.AddText(string.Join('/', Enumerable.Repeat(new string('x', 200), 21)), "");
        Should.Throw<MalformedDataException>(() => Write(builder.Build())).Message.ShouldContain("4095");
    }

    private static bool UnpacksAlike(int[] sizes)
    {
        FileTreeBuilder builder = new(0);
        for (int i = 0; i < sizes.Length; i++)
        {
            byte[] bytes = new byte[sizes[i]];
            Array.Fill(bytes, (byte)(i + 1));
            builder.AddFile($"folder{i}/{new string('n', i)}f", new MemoryContent(bytes));
        }

        return UnpacksAlike(builder.Build(), out _);
    }

    private static bool UnpacksAlike(FileTree tree, out string[] found)
    {
        using TemporaryFolder folder = new();
        Judge.Try("cpio", ["-idm", "--quiet"], Write(tree), folder.FullPath).ShouldBe(new JudgeResult(0, "", ""));
        found = [.. Directory.EnumerateFileSystemEntries(folder.FullPath, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder.FullPath, path)).Order(StringComparer.Ordinal)];
        return tree.Nodes.Keys.Where(path => tree.Nodes[path] is FileNode)
            .All(path => File.ReadAllBytes(folder[path.Value]).AsSpan().SequenceEqual(tree.ReadFile(path.Value)));
    }

    private static FileTree EveryFile()
    {
        FileTreeBuilder builder = new(0);
        builder.AddText("a", "x");
        builder.AddText("folder/b", "yz");
        return builder.Build();
    }

    private static FileTree EveryKind()
    {
        FileTreeBuilder builder = new(86400);
        builder.AddFile("bin/b", MemoryContent.FromText("program"), 0b100_111_101_101, 1, 2);
        builder.Set(TreePath.Parse("bin/a"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("bin/b") });
        builder.Set(TreePath.Parse("bin/c"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("bin/b") });
        builder.AddSymlink("bin/link", "bin/a");
        builder.AddText("empty", "");
        builder.Set(TreePath.Parse("dev/console"), new DeviceNode { Mode = 0b110_000_000, Kind = DeviceKind.Character, Major = 5, Minor = 1, ModifiedUnixSeconds = 86400 });
        builder.Set(TreePath.Parse("dev/sda"), new DeviceNode { Mode = 0b110_110_000, Gid = 6, Kind = DeviceKind.Block, Major = 8, Minor = 0, ModifiedUnixSeconds = 86400 });
        return builder.Build();
    }

    private static byte[] Write(FileTree tree)
    {
        using MemoryStream archive = new();
        CpioWriter.Write(tree, archive);
        return archive.ToArray();
    }
}
