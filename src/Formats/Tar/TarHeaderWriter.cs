using System.Globalization;
using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Tar;

/// <summary>Writes header blocks of the ustar format (IEEE Std 1003.1, pax, "ustar Interchange Format").</summary>
internal static class TarHeaderWriter
{
    private const int NameBytes = 100;
    private const int PrefixBytes = 155;

    /// <summary>Of a file whose content nobody holds as a whole: root's, for all to read.</summary>
    /// <exception cref="ContentException">A name, size or number that the fields cannot hold.</exception>
    public static byte[] WriteFile(TreePath path, long bytes, long modifiedUnixSeconds)
    {
        FileNode file = new()
        {
            Mode = 0b110_100_100,
            ModifiedUnixSeconds = modifiedUnixSeconds,
            Content = new MemoryContent(default),
        };
        return Write(path, file, file, bytes);
    }

    /// <param name="node">What it is.</param>
    /// <param name="attributes">
    /// Whose mode, owner and time it has: the node itself, or the file that a hard link repeats.
    /// </param>
    /// <exception cref="ContentException">A name, size or number that the fields cannot hold.</exception>
    public static byte[] Write(TreePath path, TreeNode node, TreeNode attributes) =>
        Write(path, node, attributes, node is FileNode file ? file.Content.Length : 0);

    private static byte[] Write(TreePath path, TreeNode node, TreeNode attributes, long bytes)
    {
        byte[] header = new byte[TarHeader.Size];
        string name = node is DirectoryNode ? path.Value + "/" : path.Value;
        (string prefix, string rest) = Split(path, name);
        WriteText(header.AsSpan(0, NameBytes), rest, path);
        WriteOctal(header.AsSpan(100, 8), attributes.Mode, "mode", path);
        WriteOctal(header.AsSpan(108, 8), attributes.Uid, "owner", path);
        WriteOctal(header.AsSpan(116, 8), attributes.Gid, "group", path);
        WriteOctal(header.AsSpan(124, 12), bytes, "size", path);
        WriteOctal(header.AsSpan(136, 12), attributes.ModifiedUnixSeconds, "time", path);
        header[156] = TypeOf(path, node);
        WriteText(
            header.AsSpan(157, NameBytes),
            node switch { SymlinkNode link => link.Target, HardLinkNode link => link.Target.Value, _ => "" },
            path);
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        WriteText(header.AsSpan(345, PrefixBytes), prefix, path);

        // the checksum is taken with its own field full of blanks
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header)
        {
            sum += value;
        }

        WriteOctal(header.AsSpan(148, 7), sum, "checksum", path);
        return header;
    }

    private static byte TypeOf(TreePath path, TreeNode node) => node switch
    {
        FileNode => (byte)'0',
        HardLinkNode => (byte)'1',
        SymlinkNode => (byte)'2',
        DirectoryNode => (byte)'5',
        _ => throw Refusal(path, "is a device, which a container image does not hold"),
    };

    /// <summary>A name of more than 100 bytes is cut at a '/', its front goes into the prefix field.</summary>
    private static (string Prefix, string Name) Split(TreePath path, string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= NameBytes)
        {
            return ("", name);
        }

        for (int slash = name.IndexOf(
            '/', StringComparison.Ordinal); slash > 0 && slash < name.Length - 1; slash = name.IndexOf('/', slash + 1))
        {
            if (Encoding.UTF8.GetByteCount(name.AsSpan(0, slash)) <= PrefixBytes
                && Encoding.UTF8.GetByteCount(name.AsSpan(slash + 1)) <= NameBytes)
            {
                return (name[..slash], name[(slash + 1)..]);
            }
        }

        throw Refusal(path, $"has a name that does not fit into {PrefixBytes} and {NameBytes} bytes");
    }

    private static void WriteText(Span<byte> field, string text, TreePath path)
    {
        if (!Encoding.UTF8.TryGetBytes(text, field, out _))
        {
            throw Refusal(path, $"has a link target of more than {NameBytes} bytes");
        }
    }

    /// <summary>Digits with leading zeros, then a NUL.</summary>
    private static void WriteOctal(Span<byte> field, long value, string what, TreePath path)
    {
        string digits = value >= 0 ? Convert.ToString(value, 8) : "";
        if (digits.Length == 0 || digits.Length > field.Length - 1)
        {
            throw Refusal(
                path, string.Create(
                    CultureInfo.InvariantCulture, $"has the {what} {value}, which a tar archive cannot hold"));
        }

        field[..(field.Length - 1 - digits.Length)].Fill((byte)'0');
        Encoding.ASCII.GetBytes(digits, field[(field.Length - 1 - digits.Length)..]);
        field[^1] = 0;
    }

    private static ContentException Refusal(TreePath path, string problem) =>
        new("BAKE0611", path.ToString(), $"{problem}.", "Leave it out of the container image.");
}
