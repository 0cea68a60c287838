using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.SquashFs;

public sealed class SquashFsReaderTests
{
    [Fact]
    public void What_mksquashfs_wrote_reads_as_the_folder_it_was_made_of()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["in/sub/deeper"]);
        File.WriteAllBytes(folder["in/big"], SampleData.Letters(300_000, 1));
        File.WriteAllBytes(folder["in/sub/small"], SampleData.Letters(300, 2));
        File.WriteAllBytes(folder["in/sub/zeros"], new byte[500_000]);
        File.CreateSymbolicLink(folder["in/link"], "sub/small");
        Judge.Run("ln", folder["in/big"], folder["in/sub/other-name"]);
        for (int i = 0; i < 3000; i++)
        {
            File.WriteAllText(folder[$"in/sub/deeper/entry-number-{i}"], $"{i % 7}");
        }

        Judge.Run("mksquashfs", folder["in"], folder["image"], "-no-progress", "-all-root", "-all-time", "1000", "-b", "65536");
        using FileStream stream = File.OpenRead(folder["image"]);
        SquashFsImage image = SquashFsReader.Read(stream, "image");
        ReadAll(image);
        image.Tree.Count.ShouldBe(3008);
        image.Tree.ReadFile("big").ShouldBe(File.ReadAllBytes(folder["in/big"]));
        image.Tree.ReadFile("sub/zeros").ShouldBe(new byte[500_000]);
        image.Tree.ReadFile("sub/deeper/entry-number-2999").ShouldBe("3"u8.ToArray());
        image.Tree.Find("sub/other-name").ShouldBeOfType<HardLinkNode>().Target.Value.ShouldBe("big");
        image.Tree.Find("link").ShouldBeOfType<SymlinkNode>().Target.ShouldBe("sub/small");
        image.Tree.Nodes.Values.Where(node => node is not HardLinkNode).ShouldAllBe(node => node.Uid == 0 && node.ModifiedUnixSeconds == 1000);
    }

    [Fact]
    public void An_image_inside_a_larger_stream_is_read_from_its_own_start()
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        builder.AddFile("file", new MemoryContent(SampleData.Letters(200_000, 1)));
        using MemoryStream stream = new();
        stream.Write(new byte[12345]);
        SquashFsWriter.Write(builder.Build(), new SquashFsOptions { TimeUnixSeconds = 0 }, stream);
        stream.Write(new byte[777]);
        stream.Position = 12345;
        SquashFsReader.Read(stream, "image").Tree.ReadFile("file").ShouldBe(SampleData.Letters(200_000, 1));
    }

    [Theory]
    [InlineData(0, 1, "magic")]
    [InlineData(12, 1, "block size")]
    [InlineData(20, 6, "compression is number 6")]
    [InlineData(28, 3, "is not 4.0")]
    [InlineData(45, 1, "shorter")]
    [InlineData(4, 99, "counts 99 inodes")]
    public void A_superblock_that_cannot_be_is_refused_with_its_place(int offset, byte value, string rule)
    {
        byte[] image = SquashFsImages.Write(new FileTreeBuilder(SquashFsImages.Time).Build());
        image[offset] = value;
        MalformedDataException refusal = Should.Throw<MalformedDataException>(() => SquashFsReader.Read(new MemoryStream(image), "root.squashfs"));
        refusal.Message.ShouldContain(rule);
        refusal.Message.ShouldStartWith("root.squashfs: at byte ");
    }

    [Fact]
    public void Lz4_lzo_xz_and_zstd_are_refused_by_number_and_fifos_by_name()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["in"]);
        Judge.Run("mkfifo", folder["in/pipe"]);
        Judge.Run("mksquashfs", folder["in"], folder["image"], "-no-progress");
        Judge.Run("mksquashfs", folder["in"], folder["xz"], "-no-progress", "-comp", "xz");
        Refusal(folder["image"]).ShouldContain("type Fifo");
        Refusal(folder["xz"]).ShouldContain("compression is number 4");
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found_or_harmless_and_never_another_error()
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        for (int i = 0; i < 600; i++)
        {
            builder.AddFile($"folder-{i % 5}/file-with-a-name-{i}", new MemoryContent(SampleData.Letters(i * 7, i)));
        }

        builder.AddFile("big", new MemoryContent(SampleData.Letters(150_000, 9)));
        builder.AddSymlink("link", "big");
        byte[] image = SquashFsImages.Write(builder.Build());
        int found = 0;
        uint state = 12345;
        for (int round = 0; round < 200; round++)
        {
            state = unchecked((state * 1664525) + 1013904223);

            // the superblock and the metadata at the end get half of the rounds
            int place = round % 2 == 0 ? (int)(state % image.Length) : round % 4 == 1 ? (int)(state % 96) : image.Length - 1 - (int)(state % 16384);
            byte[] bad = [.. image];
            bad[place] ^= (byte)(1 << (int)((state >> 16) % 8));
            try
            {
                ReadAll(SquashFsReader.Read(new MemoryStream(bad), "image"));
            }
            catch (MalformedDataException)
            {
                found++;
            }
        }

        found.ShouldBeGreaterThan(120);
    }

    private static void ReadAll(SquashFsImage image)
    {
        foreach (FileNode file in image.Tree.Nodes.Values.OfType<FileNode>())
        {
            using Stream stream = file.Content.OpenRead();
            stream.CopyTo(Stream.Null);
        }
    }

    private static string Refusal(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Should.Throw<MalformedDataException>(() => SquashFsReader.Read(stream, "image")).Message;
    }
}
