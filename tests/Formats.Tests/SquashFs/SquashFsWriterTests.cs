using FsCheck;
using FsCheck.Fluent;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.SquashFs;

public sealed class SquashFsWriterTests
{
    [Fact]
    public void Our_reader_gives_back_every_tree_that_was_written()
    {
        Prop.ForAll(AnyTree.Arbitrary, tree =>
        {
            byte[] bytes = SquashFsImages.Write(tree);
            SquashFsImage image = SquashFsReader.Read(new MemoryStream(bytes), "image");
            return SquashFsImages.Describe(image.Tree).SequenceEqual(SquashFsImages.Describe(SquashFsImages.WithLinksFromTheFirstName(tree)), StringComparer.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Order_of_input_and_number_of_threads_do_not_show_in_the_bytes()
    {
        Prop.ForAll(AnyTree.Arbitrary, tree =>
        {
            FileTreeBuilder shuffled = new(SquashFsImages.Time);
            foreach ((TreePath path, TreeNode node) in tree.Nodes.OrderBy(pair => pair.Key.Value.Length).ThenByDescending(pair => pair.Key))
            {
                shuffled.Set(path, node);
            }

            byte[] one = SquashFsImages.Write(tree, workerCount: 1);
            return one.AsSpan().SequenceEqual(SquashFsImages.Write(shuffled.Build(), workerCount: 7));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [Fact]
    public void Blocks_of_zeros_take_no_room_and_read_as_zeros()
    {
        byte[] content = new byte[(5 * SquashFsConstants.BlockSize) + 3];
        content[2 * SquashFsConstants.BlockSize] = 1;
        FileTreeBuilder builder = new(SquashFsImages.Time);
        builder.AddFile("sparse", new MemoryContent(content));
        byte[] image = SquashFsImages.Write(builder.Build());
        image.Length.ShouldBe(SquashFsConstants.ImageAlignment);
        SquashFsReader.Read(new MemoryStream(image), "image").Tree.ReadFile("sparse").ShouldBe(content);
    }

    [Fact]
    public void Equal_contents_are_stored_once_and_counted()
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        for (int i = 0; i < 9; i++)
        {
            builder.AddFile($"twin-{i}", new MemoryContent(SampleData.Letters(200_000, 5)), uid: i);
        }

        using MemoryStream stream = new();
        SquashFsWriteResult result = SquashFsWriter.Write(builder.Build(), new SquashFsOptions { TimeUnixSeconds = 1 }, stream);
        result.ContentCount.ShouldBe(1);
        result.InodeCount.ShouldBe(10);
        result.FragmentCount.ShouldBe(1);
        result.PaddedLength.ShouldBe(stream.Length);
        result.DataBytes.ShouldBeLessThan(200_000);
    }

    [Fact]
    public void A_name_of_255_bytes_fits_and_one_of_256_is_refused_by_name()
    {
        FileTreeBuilder fits = new(SquashFsImages.Time);
        fits.AddText(new string('n', 253) + "é", "");
        SquashFsReader.Read(new MemoryStream(SquashFsImages.Write(fits.Build())), "image").Tree.Count.ShouldBe(2);
        fits.AddText(new string('n', 254) + "é", "");
        Should.Throw<ContentException>(() => SquashFsImages.Write(fits.Build())).Code.ShouldBe("BAKE0503");
    }

    [Fact]
    public void A_tree_two_thousand_directories_deep_is_written_and_a_longer_path_refused()
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        string path = string.Join('/', Enumerable.Repeat("d", 2047));
        builder.AddText(path + "/f", "deep");
        SquashFsReader.Read(new MemoryStream(SquashFsImages.Write(builder.Build())), "image").Tree.ReadFile(path + "/f").ShouldBe("deep"u8.ToArray());
        builder.AddText(path + "/fo", "deeper");
        Should.Throw<ContentException>(() => SquashFsImages.Write(builder.Build())).Code.ShouldBe("BAKE0504");
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused_with_its_path()
    {
        TreeNode[] impossible =
        [
            new DirectoryNode { Mode = 0x1000 },
            new DirectoryNode { Mode = 0, Uid = -1 },
            new DirectoryNode { Mode = 0, ModifiedUnixSeconds = -1 },
            new DirectoryNode { Mode = 0, ModifiedUnixSeconds = 1L << 32 },
            new DeviceNode { Mode = 0, Kind = DeviceKind.Block, Major = 4096, Minor = 0 },
            new DeviceNode { Mode = 0, Kind = DeviceKind.Block, Major = 0, Minor = 1 << 20 },
            new SymlinkNode { Mode = 0, Target = "" },
            new SymlinkNode { Mode = 0, Target = new string('t', 4096) },
            new SymlinkNode { Mode = 0, Target = "lone\uD800" },
        ];
        foreach (TreeNode node in impossible)
        {
            FileTreeBuilder builder = new(SquashFsImages.Time);
            builder.Set(TreePath.Parse("some/where"), node);
            Should.Throw<ContentException>(() => SquashFsImages.Write(builder.Build())).Place.ShouldBe("/some/where");
        }

        FileTreeBuilder broken = new(SquashFsImages.Time);
        broken.AddText("lone\uDC00", "");
        Should.Throw<ContentException>(() => SquashFsImages.Write(broken.Build())).Code.ShouldBe("BAKE0502");
    }
}
