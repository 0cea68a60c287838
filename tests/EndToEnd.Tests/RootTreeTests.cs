using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Images.Baker.Inspect;
using Images.Baker.Manifest;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Lab.Machines;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The root as unsquashfs and find see it is the tree that the baker says it wrote: names, kinds, modes, owners, sizes, links, devices, times, contents.</summary>
[Collection(UnpackedImage.Shared)]
public sealed partial class RootTreeTests(UnpackedImage image)
{
    [Fact]
    public void Unsquashfs_lists_exactly_the_tree()
    {
        string[] theirs = [.. Judge.Run("unsquashfs", "-UTC", "-quiet", "-lln", image["root-a"])
            .Split('\n').Where(line => line.Contains("squashfs-root", StringComparison.Ordinal)).Select(Normalized)];
        string[] ours = WithTree(tree => tree.Nodes.Select(entry => ListingOf(tree, entry.Key, entry.Value)).ToArray());
        Differences(ours, theirs).ShouldBeEmpty();
    }

    [Fact]
    public void What_unsquashfs_unpacks_has_the_kinds_and_the_times_of_the_tree_to_the_second()
    {
        string[] theirs = Judge.Run("find", image.Root, "-printf", @"%y %Ts %P\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] ours = WithTree(tree => tree.Nodes.Select(entry => $"{KindOf(tree, entry.Value)} {Resolve(tree, entry.Value).ModifiedUnixSeconds} {entry.Key.Value}").ToArray());
        Differences(ours, theirs).ShouldBeEmpty();
    }

    [Fact]
    public void What_unsquashfs_unpacks_has_the_hard_links_of_the_tree_and_no_other()
    {
        string[] theirs = [.. Judge.Run("find", image.Root, "-type", "f", "-links", "+1", "-printf", @"%i %P\n").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).GroupBy(words => words[0], words => words[1], StringComparer.Ordinal).Select(Names)];
        string[] ours = WithTree(tree => tree.Nodes.Where(entry => entry.Value is HardLinkNode)
            .GroupBy(entry => ((HardLinkNode)entry.Value).Target.Value, entry => entry.Key.Value, StringComparer.Ordinal).Select(links => Names(links.Append(links.Key))).ToArray());
        Differences(ours, theirs).ShouldBeEmpty();
    }

    [Fact]
    public void Every_file_has_the_digest_that_the_manifest_gives_it_and_no_file_is_missing_there()
    {
        byte[] beside = File.ReadAllBytes(Path.ChangeExtension(BakedImage.RawDisk, "manifest.json"));
        File.ReadAllBytes(Path.Combine(image.Root, ImageManifest.Path)).ShouldBe(beside);
        string[] listed = [.. InspectedManifest.Parse(beside, "manifest.json").Files.Select(file => $"{file.Value} {file.Key.Value}")];
        string[] found = WithTree(tree => tree.Nodes.Where(entry => entry.Value is FileNode && entry.Key.Value != ImageManifest.Path)
            .Select(entry => $"{DigestOf(Path.Combine(image.Root, entry.Key.Value))} {entry.Key.Value}").ToArray());
        Differences(listed, found).ShouldBeEmpty();
    }

    /// <summary>Of one file.</summary>
    private static string Names(IEnumerable<string> names) => string.Join(" = ", names.Order(StringComparer.Ordinal));

    private static T WithTree<T>(Func<FileTree, T> read)
    {
        using DiskImage disk = DiskImage.Open(BakedImage.RawDisk);
        using PartitionStream slot = disk.OpenPartition(NodeDisk.RootA);
        return read(SquashFsReader.Read(slot, BakedImage.RawDisk).Tree);
    }

    private static string[] Differences(string[] ours, string[] theirs) =>
        [.. ours.Except(theirs).Select(line => $"ours:   {line}"), .. theirs.Except(ours).Select(line => $"theirs: {line}")];

    private static Digest DigestOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Digest.FromSha256(SHA256.HashData(stream));
    }

    private static TreeNode Resolve(FileTree tree, TreeNode node) => node is HardLinkNode link ? tree.Nodes[link.Target] : node;

    private static char KindOf(FileTree tree, TreeNode node) => Resolve(tree, node) switch
    {
        DirectoryNode => 'd',
        SymlinkNode => 'l',
        DeviceNode { Kind: DeviceKind.Block } => 'b',
        DeviceNode => 'c',
        _ => 'f',
    };

    private static string ListingOf(FileTree tree, TreePath path, TreeNode named)
    {
        TreeNode node = Resolve(tree, named);
        string size = node switch
        {
            FileNode file => file.Content.Length.ToString(CultureInfo.InvariantCulture),
            SymlinkNode link => Encoding.UTF8.GetByteCount(link.Target).ToString(CultureInfo.InvariantCulture),
            DeviceNode device => $"{device.Major},{device.Minor}",
            _ => "*",
        };
        string time = DateTimeOffset.FromUnixTimeSeconds(node.ModifiedUnixSeconds).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        string target = node is SymlinkNode symlink ? $" -> {symlink.Target}" : "";
        return $"{ModeText(KindOf(tree, node), node.Mode)} {node.Uid}/{node.Gid} {size} {time} {path.Value}{target}";
    }

    /// <summary>As ls -l writes it.</summary>
    private static string ModeText(char kind, int mode)
    {
        char[] text = [kind == 'f' ? '-' : kind, .. Enumerable.Range(0, 9).Select(i => (mode & (0x100 >> i)) != 0 ? "rwxrwxrwx"[i] : '-')];
        foreach ((int bit, int at, char letter) in new[] { (0x800, 3, 's'), (0x400, 6, 's'), (0x200, 9, 't') })
        {
            if ((mode & bit) != 0)
            {
                text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
            }
        }

        return new string(text);
    }

    /// <summary>Without the padding, the name of the root, and the sizes of directories, which are unsquashfs's own.</summary>
    private static string Normalized(string line)
    {
        Match match = Listing().Match(line);
        match.Success.ShouldBeTrue(line);
        string size = line[0] == 'd' ? "*" : match.Groups["size"].Value.Replace(" ", "", StringComparison.Ordinal);
        return $"{match.Groups["head"].Value} {size} {match.Groups["time"].Value} {match.Groups["path"].Value}";
    }

    [GeneratedRegex("^(?<head>[-dlbcps][-rwxsStT]{9} [0-9]+/[0-9]+) +(?<size>[0-9]+(, *[0-9]+)?) (?<time>[0-9-]{10} [0-9:]{5}) squashfs-root/?(?<path>.*)$", RegexOptions.None, 1000)]
    private static partial Regex Listing();
}
