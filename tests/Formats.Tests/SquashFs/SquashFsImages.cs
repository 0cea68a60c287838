using System.Globalization;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Formats.Tests.SquashFs;

/// <summary>Makes images and contents for these tests.</summary>
internal static class SquashFsImages
{
    public const long Time = 1_700_000_000;

    public static byte[] Write(FileTree tree, int workerCount = 2)
    {
        using MemoryStream stream = new();
        SquashFsWriter.Write(tree, new SquashFsOptions { TimeUnixSeconds = Time, WorkerCount = workerCount }, stream);
        return stream.ToArray();
    }

    /// <summary>The listing that <c>unsquashfs -lln</c> prints for a tree, sorted by path.</summary>
    public static string[] Listing(FileTree tree) =>
        [.. tree.Nodes.Select(pair => Line(pair.Key, tree.Nodes[pair.Value is HardLinkNode link ? link.Target : pair.Key])).Order(StringComparer.Ordinal)];

    /// <summary>Judges' listings have padded columns; one blank each is enough to compare.</summary>
    public static string[] Normalize(string listing) =>
        [.. listing.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Length > 10 && line.Contains("squashfs-root", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Replace(", ", ",", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    /// <summary>Everything about every path, contents by digest: two trees are equal when these are.</summary>
    public static IEnumerable<string> Describe(FileTree tree) => tree.Nodes.Select(pair => pair.Value switch
    {
        HardLinkNode link => $"{pair.Key} links to {link.Target}",
        FileNode file => $"{pair.Key} {file.Mode} {file.Uid}:{file.Gid} {file.ModifiedUnixSeconds} {file.Content.Length} {file.Content.Digest}",
        _ => $"{pair.Key} {pair.Value}",
    });

    /// <summary>An image does not know which of a file's names was the first; readers take the first in path order.</summary>
    public static FileTree WithLinksFromTheFirstName(FileTree tree)
    {
        FileTreeBuilder builder = FileTreeBuilder.From(tree, Time);
        IEnumerable<IGrouping<TreePath, TreePath>> links = tree.Nodes
            .Where(pair => pair.Value is HardLinkNode)
            .GroupBy(pair => ((HardLinkNode)pair.Value).Target, pair => pair.Key);
        foreach (IGrouping<TreePath, TreePath> names in links)
        {
            TreePath first = names.Append(names.Key).Min();
            TreeNode file = tree.Nodes[names.Key];
            foreach (TreePath name in names.Append(names.Key))
            {
                builder.Set(name, name == first ? file : new HardLinkNode { Mode = 0, Target = first });
            }
        }

        return builder.Build();
    }

    private static string Line(TreePath path, TreeNode node)
    {
        (char type, string size, string suffix) = node switch
        {
            DirectoryNode => ('d', "*", ""),
            FileNode file => ('-', file.Content.Length.ToString(CultureInfo.InvariantCulture), ""),
            SymlinkNode link => ('l', link.Target.Length.ToString(CultureInfo.InvariantCulture), $" -> {link.Target}"),
            DeviceNode device => (device.Kind == DeviceKind.Block ? 'b' : 'c', Numbers(device), ""),
            _ => throw new InvalidOperationException(),
        };
        string time = DateTimeOffset.FromUnixTimeSeconds(node.ModifiedUnixSeconds).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        string name = path.IsRoot ? "squashfs-root" : $"squashfs-root/{path.Value}";
        return $"{type}{Permissions(node.Mode)} {node.Uid}/{node.Gid} {size} {time} {name}{suffix}";
    }

    /// <summary>unsquashfs 4.5 prints the stored number in two parts, as if no minor were above 255.</summary>
    private static string Numbers(DeviceNode device)
    {
        int stored = (device.Minor & 0xFF) | (device.Major << 8) | ((device.Minor & ~0xFF) << 12);
        return string.Create(CultureInfo.InvariantCulture, $"{stored >> 8},{stored & 0xFF}");
    }

    private static string Permissions(int mode)
    {
        char[] text = [.. "rwxrwxrwx".Select((letter, bit) => (mode & (256 >> bit)) != 0 ? letter : '-')];
        text[2] = (mode & 2048) == 0 ? text[2] : text[2] == 'x' ? 's' : 'S';
        text[5] = (mode & 1024) == 0 ? text[5] : text[5] == 'x' ? 's' : 'S';
        text[8] = (mode & 512) == 0 ? text[8] : text[8] == 'x' ? 't' : 'T';
        return new string(text);
    }
}
