using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.SquashFs;

public sealed class LargeImageTests
{
    [Fact]
    public void A_directory_of_seventy_thousand_names_is_listed_whole()
    {
        using TemporaryFolder folder = new();
        FileTreeBuilder builder = new(SquashFsImages.Time);
        MemoryContent content = MemoryContent.FromText("one content");
        for (int i = 0; i < 70_000; i++)
        {
            builder.AddFile($"big/entry-{i:x}-{i % 97}", content, uid: i % 3);
        }

        byte[] image = SquashFsImages.Write(builder.Build());
        File.WriteAllBytes(folder["image"], image);
        string[] listed = [.. Judge.Run("unsquashfs", "-lc", folder["image"]).Split('\n').Where(line => line.Contains("/big/", StringComparison.Ordinal))];
        listed.Length.ShouldBe(70_000);

        // the reader holds each step of the directory's index against the header it leads to
        SquashFsReader.Read(new MemoryStream(image), "image").Tree.Count.ShouldBe(70_002);
    }

    [Fact]
    public void A_file_beyond_four_gibibytes_keeps_its_length_and_its_last_bytes()
    {
        using TemporaryFolder folder = new();
        const long Length = (4L << 30) + 5;
        using (FileStream sparse = File.Create(folder["sparse"]))
        {
            sparse.SetLength(Length - 2);
            sparse.Position = Length - 2;
            sparse.Write("!?"u8);
        }

        Digest digest = Digest.Parse("12993acb3b3d9da12b276d971bae3e12e6cad8598d6d196e4c762b803b766604");
        FileTreeBuilder builder = new(SquashFsImages.Time);
        builder.AddFile("sparse", new KnownDigestContent(folder["sparse"], Length, digest));
        File.WriteAllBytes(folder["image"], SquashFsImages.Write(builder.Build()));
        new FileInfo(folder["image"]).Length.ShouldBeLessThan(65536);
        Judge.Run("unsquashfs", "-lln", folder["image"]).ShouldContain($" {Length} ");

        using FileStream stream = File.OpenRead(folder["image"]);
        FileNode node = SquashFsReader.Read(stream, "image").Tree.Find("sparse").ShouldBeOfType<FileNode>();
        node.Content.Length.ShouldBe(Length);
        using Stream content = node.Content.OpenRead();
        content.Position = Length - 3;
        byte[] end = new byte[3];
        content.ReadExactly(end);
        end.ShouldBe([0, (byte)'!', (byte)'?']);
    }
}
