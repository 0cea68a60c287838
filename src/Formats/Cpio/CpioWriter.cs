using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Cpio;

/// <summary>
/// Writes a tree as a cpio archive in the "new ASCII" format, the form that the kernel unpacks as initramfs.
/// </summary>
internal static class CpioWriter
{
    /// <summary>PATH_MAX with the NUL; the kernel silently skips longer names.</summary>
    private const int LongestNameBytes = 4096;

    private const uint Directory = 0x4000;
    private const uint RegularFile = 0x8000;
    private const uint SymbolicLink = 0xA000;
    private const uint CharacterDevice = 0x2000;
    private const uint BlockDevice = 0x6000;

    /// <summary>
    /// Writes the whole archive, its end filled up to a multiple of 4 bytes so that another may follow.
    /// </summary>
    /// <exception cref="MalformedDataException">A value that the format's 32-bit fields cannot hold.</exception>
    public static void Write(FileTree tree, Stream output)
    {
        Dictionary<TreePath, TreePath[]> namesOfFile = CollectHardLinks(tree);
        Dictionary<TreePath, uint> inodes = NumberInodes(tree);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            TreePath filePath = node is HardLinkNode link ? link.Target : path;
            TreeNode file = tree.Nodes[filePath];
            TreePath[] names = namesOfFile.GetValueOrDefault(filePath, [path]);
            // As cpio does: the last of a file's names brings the bytes, those before it are empty.
            bool bringsBytes = path == names[^1];
            CpioHeader header = Describe(path, file) with { Inode = inodes[filePath], LinkCount = (uint)names.Length };
            WriteEntry(path, file, bringsBytes ? header : header with { FileSizeBytes = 0 }, output);
        }

        WriteName("TRAILER!!!"u8, new CpioHeader { LinkCount = 1 }, output);
    }

    private static Dictionary<TreePath, TreePath[]> CollectHardLinks(FileTree tree) => tree.Nodes
        .Where(entry => entry.Value is HardLinkNode)
        .GroupBy(entry => ((HardLinkNode)entry.Value).Target, entry => entry.Key)
        .ToDictionary(group => group.Key, group => group.Append(group.Key).Order().ToArray());

    private static Dictionary<TreePath, uint> NumberInodes(FileTree tree)
    {
        Dictionary<TreePath, uint> inodes = [];
        foreach (TreePath path in tree.Nodes.Where(entry => entry.Value is not HardLinkNode).Select(entry => entry.Key))
        {
            inodes.Add(path, (uint)inodes.Count + 1);
        }

        return inodes;
    }

    private static CpioHeader Describe(TreePath path, TreeNode node)
    {
        CpioHeader header = new()
        {
            Mode = (uint)(node.Mode & 0xFFF),
            Uid = Fit(path, "owner", node.Uid),
            Gid = Fit(path, "group", node.Gid),
            ModifiedUnixSeconds = Fit(path, "time", node.ModifiedUnixSeconds),
        };
        return node switch
        {
            DirectoryNode => header with { Mode = header.Mode | Directory },
            FileNode file => header with
            {
                Mode = header.Mode | RegularFile,
                FileSizeBytes = Fit(path, "size", file.Content.Length),
            },
            SymlinkNode link => header with
            {
                Mode = header.Mode | SymbolicLink,
                FileSizeBytes = (uint)Encoding.UTF8.GetByteCount(link.Target),
            },
            DeviceNode device => header with
            {
                Mode = header.Mode | (device.Kind == DeviceKind.Character ? CharacterDevice : BlockDevice),
                SpecialMajor = (uint)device.Major,
                SpecialMinor = (uint)device.Minor,
            },
            _ => throw new MalformedDataException(
                path.ToString(), -1, $"a cpio archive has no entry of the kind {node.GetType().Name}."),
        };
    }

    private static uint Fit(TreePath path, string what, long value) => value is >= 0 and <= uint.MaxValue
        ? (uint)value
        : throw new MalformedDataException(
            path.ToString(), -1, $"its {what} {value} does not fit the 32-bit field of a cpio archive.");

    private static void WriteEntry(TreePath path, TreeNode node, CpioHeader header, Stream output)
    {
        byte[] name = Encoding.UTF8.GetBytes(path.IsRoot ? "." : path.Value);
        if (name.Length >= LongestNameBytes)
        {
            throw new MalformedDataException(
                path.ToString(), -1, $"its name has {name.Length} bytes; the kernel reads {LongestNameBytes - 1}.");
        }

        WriteName(name, header, output);
        if (header.FileSizeBytes == 0)
        {
            return;
        }

        if (node is SymlinkNode link)
        {
            output.Write(Encoding.UTF8.GetBytes(link.Target));
        }
        else
        {
            WriteContent(path, ((FileNode)node).Content, output);
        }

        Pad(header.FileSizeBytes, output);
    }

    private static void WriteContent(TreePath path, FileContent content, Stream output)
    {
        using Stream bytes = content.OpenRead();
        byte[] buffer = new byte[(int)Math.Min(content.Length, 128 * 1024)];
        for (long left = content.Length; left > 0;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            if (bytes.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
            {
                throw new MalformedDataException(
                    path.ToString(),
                    content.Length - left,
                    $"its bytes end before the {content.Length} that were announced.");
            }

            output.Write(part);
            left -= part.Length;
        }
    }

    private static void WriteName(ReadOnlySpan<byte> name, CpioHeader header, Stream output)
    {
        Span<byte> bytes = stackalloc byte[CpioHeader.Size];
        (header with { NameSizeBytes = (uint)name.Length + 1 }).WriteTo(bytes);
        output.Write(bytes);
        output.Write(name);
        output.WriteByte(0);
        Pad(CpioHeader.Size + name.Length + 1, output);
    }

    private static void Pad(long written, Stream output) => output.Write("\0\0\0"u8[..(int)(-written & 3)]);
}
