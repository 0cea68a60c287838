using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Tests.Tree;
using Images.Formats.Tree;
using Images.TestSupport;

using Images.Formats.Iso9660;

namespace Images.Formats.Tests.Iso9660;

public class Iso9660WriterTests
{
    private const long Time = 1_700_000_000;

    private static readonly Iso9660Options _options = new() { TimeUnixSeconds = Time };

    [Fact]
    public void Isoinfo_reads_names_modes_and_contents()
    {
        using TemporaryFolder folder = new();
        Write(folder["seed.iso"], Seed());

        string descriptor = Judge.Run("isoinfo", "-d", "-i", folder["seed.iso"]);
        descriptor.ShouldContain("Volume id: cidata", Case.Sensitive);
        descriptor.ShouldContain("Joliet with UCS level 3 found");
        descriptor.ShouldContain("Rock Ridge signatures version 1 found");
        string listing = Judge.Run("isoinfo", "-l", "-R", "-i", folder["seed.iso"]);
        listing.ShouldContain("user-data");
        listing.ShouldContain("-rw-------");
        listing.ShouldContain("Nov 14 2023");
        Judge.Run("isoinfo", "-l", "-J", "-i", folder["seed.iso"]).ShouldContain("network-config");
        Judge.Run("isoinfo", "-f", "-i", folder["seed.iso"]).ShouldContain("/META_DATA.;1");
        Judge.Run("isoinfo", "-R", "-x", "/user-data", "-i", folder["seed.iso"]).ShouldBe("#cloud-config\nnode: {}\n");
        Judge.Run("isoinfo", "-J", "-x", "/deep/er/file", "-i", folder["seed.iso"]).ShouldBe("deep");
        Judge.Run("isoinfo", "-x", "/META_DATA.;1", "-i", folder["seed.iso"]).ShouldBe("instance-id: one\n");
    }

    [Fact]
    public void Genisoimage_of_the_same_files_reads_the_same()
    {
        using TemporaryFolder folder = new();
        FileTree tree = Seed();
        Write(folder["ours.iso"], tree);
        foreach ((TreePath path, TreeNode node) in tree.Nodes.Where(pair => pair.Value is FileNode))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder["tree/" + path.Value])!);
            File.WriteAllBytes(folder["tree/" + path.Value], tree.ReadFile(path.Value));
        }

        Judge.Run("genisoimage", "-quiet", "-output", folder["theirs.iso"], "-volid", "cidata", "-joliet", "-rock", folder["tree"]);
        foreach (string reading in (string[])["-R", "-J"])
        {
            string[] Files(string iso) => [.. Judge.Run("isoinfo", "-f", reading, "-i", folder[iso]).Split('\n').Order(StringComparer.Ordinal)];
            Files("ours.iso").ShouldBe(Files("theirs.iso"));
            foreach (string path in Files("ours.iso").Where(path => path.Length > 0 && tree.Find(path) is FileNode))
            {
                Judge.Run("isoinfo", reading, "-x", path, "-i", folder["ours.iso"]).ShouldBe(Encoding.UTF8.GetString(tree.ReadFile(path)));
            }
        }
    }

    [Fact]
    public void Isoinfo_finds_every_name_and_content_of_any_tree()
    {
        Gen<(string, int)> file = Gen.Zip(AnyPath.Of(folders: 7), Gen.Elements(0, 1, 2047, 2048, 2049, 50_000));
        Gen<(string, int)[]> files = Gen.Choose(0, 12).SelectMany(count => file.ArrayOf(count));
        using TemporaryFolder folder = new();
        Prop.ForAll(files.ToArbitrary(), items =>
        {
            FileTreeBuilder builder = new(Time);
            for (int i = 0; i < items.Length; i++)
            {
                builder.AddFile(items[i].Item1, Letters(items[i].Item2, first: i));
            }

            FileTree tree = builder.Build();
            Write(folder["any.iso"], tree);
            string[] expected = [.. tree.Nodes.Keys.Where(path => !path.IsRoot).Select(path => path.ToString()).Order(StringComparer.Ordinal)];
            string[] found = Judge.Run("isoinfo", "-R", "-f", "-i", folder["any.iso"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            found.Order(StringComparer.Ordinal).ShouldBe(expected);
            string[] joliet = Judge.Run("isoinfo", "-J", "-f", "-i", folder["any.iso"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            joliet.Distinct(StringComparer.Ordinal).Count().ShouldBe(expected.Length, "each under a name of its own");
            joliet.Intersect(expected.Where(path => path.Split('/').All(IsWholeInJoliet)), StringComparer.Ordinal).Count()
                .ShouldBe(expected.Count(path => path.Split('/').All(IsWholeInJoliet)), string.Join('\n', joliet));
            foreach (TreePath path in tree.Nodes.Where(pair => pair.Value is FileNode).Select(pair => pair.Key))
            {
                Judge.Run("isoinfo", "-R", "-x", path.ToString(), "-i", folder["any.iso"]).ShouldBe(Encoding.ASCII.GetString(tree.ReadFile(path.Value)), path.ToString());
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    /// <summary>Short enough, and of characters that Joliet has and isoinfo prints.</summary>
    private static bool IsWholeInJoliet(string name) => name.Length <= 64 && name.All(char.IsAscii) && name.IndexOfAny([.. "*:;?\\"]) < 0;

    [Theory]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    public void A_name_that_is_cut_in_Joliet_keeps_whole_characters(int letters)
    {
        const string Disk = "\U0001F4BE"; // two code units
        string name = new string('a', letters) + Disk + Disk;
        IReadOnlyDictionary<string, byte[]> cut = Iso9660Names.Assign([(name + "1", false), (name + "2", false)], joliet: true);
        Encoding strict = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
        string[] names = [.. cut.Values.Select(strict.GetString)];
        names.ShouldAllBe(text => text.Length <= 64 && text.StartsWith(new string('a', letters - 1), StringComparison.Ordinal));
        names.Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
    }

    [Fact]
    public void A_folder_of_many_sectors_is_read_whole()
    {
        using TemporaryFolder folder = new();
        FileTreeBuilder builder = new(Time);
        for (int i = 0; i < 300; i++)
        {
            builder.AddText($"many/a file with a name of some length {i:d3}", i.ToString(CultureInfo.InvariantCulture));
        }

        Write(folder["many.iso"], builder.Build());
        foreach (string reading in (string[])["-R", "-J"])
        {
            Judge.Run("isoinfo", reading, "-f", "-i", folder["many.iso"]).Split('\n').Count(line => line.StartsWith("/many/", StringComparison.Ordinal)).ShouldBe(300);
            Judge.Run("isoinfo", reading, "-x", "/many/a file with a name of some length 299", "-i", folder["many.iso"]).ShouldBe("299");
        }
    }

    [Fact]
    public void The_order_of_the_input_does_not_matter()
    {
        (string, string)[] files = [("b", "1"), ("a/longer name+.txt", "2"), ("a/longer name-.txt", "3"), ("c", "4")];
        Bytes([.. files.Reverse()]).ShouldBe(Bytes(files));

        static byte[] Bytes((string Path, string Text)[] files)
        {
            FileTreeBuilder builder = new(Time);
            foreach ((string path, string text) in files)
            {
                builder.AddText(path, text);
            }

            using MemoryStream image = new();
            Iso9660Writer.Write(builder.Build(), _options, image);
            return image.ToArray();
        }
    }

    [Fact]
    public void A_file_of_4_GiB_is_refused() => Refused(builder => builder.AddFile("big", new HoleContent(1L << 32))).ShouldContain("4,294,967,295");

    [Fact]
    public void Links_are_refused() => Refused(builder => builder.AddSymlink("link", "target")).ShouldContain("/link");

    [Fact]
    public void More_than_eight_levels_are_refused() => Refused(builder => builder.AddText("1/2/3/4/5/6/7/8/9", "")).ShouldContain("eight levels");

    [Fact]
    public void A_name_of_256_bytes_is_refused() => Refused(builder => builder.AddText(new string('ü', 128), "")).ShouldContain("255 bytes");

    [Theory]
    [InlineData("")]
    [InlineData("seventeen letters")]
    [InlineData("ü")]
    public void A_label_that_does_not_fit_is_refused(string label) =>
        Should.Throw<ContentException>(() => Iso9660Writer.Write(Seed(), _options with { VolumeLabel = label }, new MemoryStream())).Message.ShouldContain("label");

    private static string Refused(Action<FileTreeBuilder> add)
    {
        FileTreeBuilder builder = new(Time);
        add(builder);
        return Should.Throw<ContentException>(() => Iso9660Writer.Write(builder.Build(), _options, new MemoryStream())).Message;
    }

    private static FileTree Seed()
    {
        FileTreeBuilder builder = new(Time);
        builder.AddFile("user-data", MemoryContent.FromText("#cloud-config\nnode: {}\n"), mode: 0b110_000_000);
        builder.AddText("meta-data", "instance-id: one\n");
        builder.AddText("network-config", "");
        builder.AddText("deep/er/file", "deep");
        return builder.Build();
    }

    /// <summary>No two files have the same bytes at one place, and no sector those of its neighbour.</summary>
    private static MemoryContent Letters(int length, int first) =>
        new(Enumerable.Range(0, length).Select(i => (byte)('a' + ((first + i + (i / Iso9660Writer.SectorSize)) % 26))).ToArray());

    private static void Write(string path, FileTree tree)
    {
        using FileStream output = File.Create(path);
        Iso9660Writer.Write(tree, _options, output);
    }
}
