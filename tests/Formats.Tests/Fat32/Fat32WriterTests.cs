using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Tests.Tree;
using Images.Formats.Tree;
using Images.TestSupport;

using Images.Formats.Fat32;

namespace Images.Formats.Tests.Fat32;

public class Fat32WriterTests
{
    private const long Time = 1_700_000_000;

    private const int Small = 34 << 20;

    private static readonly Dictionary<string, string> _utf8 = new() { ["LC_ALL"] = "C.UTF-8" };

    private static readonly Fat32Options _options = new() { SizeBytes = Small, TimeUnixSeconds = Time };

    [Fact]
    public void Fsck_and_mtools_read_the_volume_that_was_written()
    {
        using TemporaryFolder folder = new();
        FileTree tree = BootTree();
        Write(folder["esp"], tree, new Fat32Options { TimeUnixSeconds = Time });

        string verdict = Judge.Run("fsck.fat", "-n", "-v", folder["esp"]);
        verdict.ShouldContain("4096 bytes per cluster");
        verdict.ShouldNotContain("differ");
        string root = Judge.Run("mdir", "-i", folder["esp"], "-a", "::/");
        root.ShouldContain("Volume in drive : is ESP");
        root.ShouldContain("2023-11-14  22:13");
        Judge.Run("mdir", "-i", folder["esp"], "::/EFI/Linux").ShouldContain("node_0.1.0+3.efi");
        foreach (string path in (string[])["EFI/BOOT/BOOTX64.EFI", "EFI/Linux/node_0.1.0+3.efi", "loader/loader.conf", "empty"])
        {
            Judge.Run("mcopy", "-n", "-i", folder["esp"], "::/" + path, folder["out"]);
            File.ReadAllBytes(folder["out"]).ShouldBe(tree.ReadFile(path));
        }
    }

    [Theory]
    [InlineData(34)]
    [InlineData(260)]
    [InlineData(261)]
    [InlineData(9000)]
    public void Fsck_accepts_every_cluster_size(int mebibytes)
    {
        using TemporaryFolder folder = new();
        Write(folder["esp"], BootTree(), _options with { SizeBytes = (long)mebibytes << 20 });
        Judge.Run("fsck.fat", "-n", folder["esp"]);
    }

    [Fact]
    public void Fsck_accepts_folders_of_many_clusters_and_long_names()
    {
        using TemporaryFolder folder = new();
        FileTreeBuilder builder = new(Time);
        for (int i = 0; i < 700; i++)
        {
            builder.AddText($"many/this file has a rather long name, number {i}.txt", i.ToString(CultureInfo.InvariantCulture));
        }

        builder.AddText("deep/" + string.Join('/', Enumerable.Range(0, 40).Select(i => $"d{i}")) + "/file", "deep");
        builder.AddText(new string('n', 255), "longest name");
        builder.AddText(new string('m', 13), "fills one piece");
        builder.AddText("schön & größer ☃.txt", "not ASCII");
        FileTree tree = builder.Build();
        Write(folder["esp"], tree, _options);
        Judge.Run("fsck.fat", "-n", folder["esp"]).ShouldContain("747 files");
        using FileStream volume = File.OpenRead(folder["esp"]);
        ShouldHold(Fat32Reader.Read(volume, "esp").Tree, tree);
    }

    [Fact]
    public void Any_tree_reads_back()
    {
        Gen<(string, int)[]> files = Gen.Zip(AnyPath.Of(folders: 12), Gen.Elements(0, 1, 511, 512, 513, 4095, 4096, 4097, 100_000)).ArrayOf();
        Prop.ForAll(files.ToArbitrary(), items =>
        {
            FileTreeBuilder builder = new(Time);
            foreach ((string path, int length) in items)
            {
                builder.AddFile(path, Bytes(length));
            }

            FileTree tree = builder.Build();
            using SparseMemoryStream volume = new(0);
            Digest digest = Fat32Writer.Write(tree, _options, volume);
            Fat32Volume read = Fat32Reader.Read(volume, "esp");
            ShouldHold(read.Tree, tree);
            read.Label.ShouldBe("ESP");
            read.Serial.ShouldBe(Fat32ContentDigest.Serial(digest));
            Fat32ContentDigest.Of(read.Tree).ShouldBe(digest);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Fsck_and_mtools_accept_any_tree()
    {
        Gen<(string, int)[]> files = Gen.Zip(AnyPath.Of(folders: 12), Gen.Elements(0, 511, 512, 513, 4097)).ArrayOf();
        using TemporaryFolder folder = new();
        Prop.ForAll(files.ToArbitrary(), items =>
        {
            FileTreeBuilder builder = new(Time);
            foreach ((string path, int length) in items)
            {
                builder.AddFile(path, Bytes(length));
            }

            FileTree tree = builder.Build();
            Write(folder["esp"], tree, _options);
            Judge.Run("fsck.fat", "-n", folder["esp"]);
            string[] list = ["-i", folder["esp"], "-/", "-b", "-a", "::/"];
            string[] found = Judge.Try("mdir", list, input: null, environment: _utf8).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] expected = [.. tree.Nodes.Where(pair => !pair.Key.IsRoot).Select(pair => $"::{pair.Key}{(pair.Value is DirectoryNode ? "/" : "")}")];
            found.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Fact]
    public void The_order_of_the_input_does_not_matter()
    {
        (string, string)[] files = [("b", "1"), ("a/longer name.txt", "2"), ("a/longer nome.txt", "3"), ("c", "4")];
        Bytes([.. files.Reverse()]).ShouldBe(Bytes(files));

        static byte[] Bytes((string Path, string Text)[] files)
        {
            FileTreeBuilder builder = new(Time);
            foreach ((string path, string text) in files)
            {
                builder.AddText(path, text);
            }

            using MemoryStream volume = new();
            Fat32Writer.Write(builder.Build(), _options, volume);
            return volume.ToArray();
        }
    }

    [Fact]
    public void A_volume_is_written_as_holes_where_it_is_free()
    {
        using SparseMemoryStream volume = new(0);
        Fat32Writer.Write(BootTree(), new Fat32Options { TimeUnixSeconds = Time }, volume);
        volume.Length.ShouldBe(512 << 20);
        volume.HeldBytes.ShouldBeLessThan(1 << 20);
    }

    [Theory]
    [InlineData("a<b", "name that FAT32 does not allow")]
    [InlineData("ends with dot.", "name that FAT32 does not allow")]
    [InlineData("ends with blank ", "name that FAT32 does not allow")]
    [InlineData("control\u0007", "name that FAT32 does not allow")]
    public void A_name_that_fat_forbids_is_refused(string name, string problem) => Refused(builder => builder.AddText(name, "")).ShouldContain(problem);

    [Fact]
    public void A_name_of_256_characters_is_refused() => Refused(builder => builder.AddText(new string('x', 256), "")).ShouldContain("length");

    [Fact]
    public void Names_that_differ_only_in_case_are_refused() => Refused(builder =>
    {
        builder.AddText("File", "");
        builder.AddText("fILE", "");
    }).ShouldContain("only in upper and lower case");

    [Fact]
    public void Links_are_refused() => Refused(builder => builder.AddSymlink("link", "target")).ShouldContain("/link");

    [Fact]
    public void A_file_of_4_GiB_is_refused() => Refused(builder => builder.AddFile("big", new HoleContent(1L << 32))).ShouldContain("4,294,967,295");

    [Fact]
    public void More_than_fits_is_refused() => Refused(builder => builder.AddFile("big", new HoleContent(34L << 20))).ShouldContain("sizes.esp");

    [Theory]
    [InlineData(0)]
    [InlineData(32 << 20)]
    [InlineData((34 << 20) + 1)]
    public void A_size_that_fat32_does_not_have_is_refused(long size) =>
        Should.Throw<ContentException>(() => Fat32Writer.Write(BootTree(), _options with { SizeBytes = size }, new MemoryStream())).Message.ShouldContain("no size for a FAT32 volume");

    [Theory]
    [InlineData("")]
    [InlineData("lower")]
    [InlineData("TWELVE CHARS")]
    public void A_label_that_fat_forbids_is_refused(string label) =>
        Should.Throw<ContentException>(() => Fat32Writer.Write(BootTree(), _options with { Label = label }, new MemoryStream())).Message.ShouldContain("label");

    private static string Refused(Action<FileTreeBuilder> add)
    {
        FileTreeBuilder builder = new(Time);
        add(builder);
        return Should.Throw<ContentException>(() => Fat32Writer.Write(builder.Build(), _options, new MemoryStream())).Message;
    }

    private static FileTree BootTree()
    {
        FileTreeBuilder builder = new(Time);
        builder.AddFile("EFI/BOOT/BOOTX64.EFI", Bytes(100_001));
        builder.AddFile("EFI/Linux/node_0.1.0+3.efi", Bytes(300_000));
        builder.AddText("loader/loader.conf", "timeout 0\n");
        builder.AddText("empty", "");
        return builder.Build();
    }

    private static void Write(string path, FileTree tree, Fat32Options options)
    {
        using FileStream volume = new(path, FileMode.Create, FileAccess.ReadWrite);
        Fat32Writer.Write(tree, options, volume);
    }

    private static void ShouldHold(FileTree read, FileTree written)
    {
        read.Nodes.Keys.ShouldBe(written.Nodes.Keys);
        foreach ((TreePath path, TreeNode node) in written.Nodes)
        {
            if (node is FileNode file)
            {
                FileNode other = read.Nodes[path].ShouldBeOfType<FileNode>();
                other.Content.Length.ShouldBe(file.Content.Length);
                other.Content.Digest.ShouldBe(file.Content.Digest);
                other.ModifiedUnixSeconds.ShouldBe(Time);
            }
        }
    }

    private static MemoryContent Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return new MemoryContent(bytes);
    }
}
