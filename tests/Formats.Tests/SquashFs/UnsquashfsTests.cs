using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.SquashFs;

public sealed partial class UnsquashfsTests
{
    [Fact]
    public void Unsquashfs_lists_modes_owners_sizes_times_links_and_devices_as_the_tree_has_them()
    {
        FileTree tree = Sample();
        Listed(tree).ShouldBe(SquashFsImages.Listing(tree));
    }

    [Fact]
    public void Unsquashfs_lists_any_tree_as_it_was_written() =>
        Prop.ForAll(AnyTree.Arbitrary, tree => Differences(SquashFsImages.Listing(tree), Listed(tree)).ShouldBeEmpty()).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void Unsquashfs_unpacks_every_file_with_its_bytes_and_time()
    {
        using TemporaryFolder folder = new();
        FileTree tree = Sample();
        File.WriteAllBytes(folder["image"], SquashFsImages.Write(tree));
        string[] devices = [.. tree.Nodes.Where(pair => pair.Value is DeviceNode).Select(pair => pair.Key.Value)];
        Judge.Run("unsquashfs", ["-no-progress", "-d", folder["out"], "-excludes", folder["image"], .. devices]);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            string unpacked = Path.Combine(folder["out"], path.Value);
            if (node is FileNode file)
            {
                File.ReadAllBytes(unpacked).ShouldBe(tree.ReadFile(path.Value));
                new DateTimeOffset(File.GetLastWriteTimeUtc(unpacked)).ToUnixTimeSeconds().ShouldBe(file.ModifiedUnixSeconds);
                Judge.Run("stat", "-c", "%a", unpacked).Trim()[^3..].ShouldBe(Convert.ToString(file.Mode & 0x1FF, 8));
            }
            else if (node is SymlinkNode link)
            {
                new FileInfo(unpacked).LinkTarget.ShouldBe(link.Target);
            }
            else if (node is HardLinkNode)
            {
                Judge.Run("stat", "-c", "%h", unpacked).Trim().ShouldBe("2");
            }
        }
    }

    [Fact]
    public void Unsquashfs_reads_the_superblock_as_it_was_meant()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["image"], SquashFsImages.Write(Sample()));
        string report = Judge.Run("unsquashfs", "-UTC", "-s", folder["image"]);
        report.ShouldContain("Creation or last append time Tue Nov 14 22:13:20 2023");
        report.ShouldContain("Compression gzip");
        report.ShouldContain("Block size 131072");
        report.ShouldContain("Filesystem is not exportable via NFS");
        report.ShouldContain("Xattrs are not stored");
        report.ShouldContain("Duplicates are removed");
    }

    private static string[] Differences(string[] ours, string[] theirs) =>
        [.. ours.Except(theirs, StringComparer.Ordinal).Select(line => $"ours:   {line}"), .. theirs.Except(ours, StringComparer.Ordinal).Select(line => $"theirs: {line}")];

    private static string[] Listed(FileTree tree)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["image"], SquashFsImages.Write(tree));
        string listing = Judge.Run("unsquashfs", "-UTC", "-lln", folder["image"]);
        return [.. SquashFsImages.Normalize(listing).Select(line => line[0] == 'd' ? DirectorySize().Replace(line, " * ", 1) : line).Order(StringComparer.Ordinal)];
    }

    private static FileTree Sample()
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        builder.AddFile("empty", new MemoryContent(ReadOnlyMemory<byte>.Empty));
        int[] sizes = [1, 100, SquashFsConstants.BlockSize - 1, SquashFsConstants.BlockSize, SquashFsConstants.BlockSize + 1, 3 * SquashFsConstants.BlockSize + 5];
        foreach (int size in sizes)
        {
            builder.AddFile($"files/of-{size}", new MemoryContent(SampleData.Letters(size, size)), mode: 0x1ED, uid: 7, gid: 8);
        }

        builder.AddFile("files/twin", new MemoryContent(SampleData.Letters(100, 100)));
        builder.AddFile("files/setuid", MemoryContent.FromText("#!"), mode: 0x9ED);
        builder.AddDirectory("tmp", mode: 0x3FF);
        builder.AddDirectory("tmp/empty", mode: 0x1C0, uid: 65534, gid: 100000);
        builder.AddSymlink("link", "files/of-1");
        builder.AddText("zz/last", "the target of a link");
        builder.Set(TreePath.Parse("aa-first"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("zz/last") });
        builder.Set(TreePath.Parse("dev/null"), new DeviceNode { Mode = 0x1B6, Kind = DeviceKind.Character, Major = 1, Minor = 3, ModifiedUnixSeconds = 1 });
        builder.Set(TreePath.Parse("dev/disk"), new DeviceNode { Mode = 0x1B0, Kind = DeviceKind.Block, Major = 259, Minor = 7, ModifiedUnixSeconds = uint.MaxValue });
        return builder.Build();
    }

    [GeneratedRegex(" [0-9]+ ", RegexOptions.None, 1000)]
    private static partial Regex DirectorySize();
}
