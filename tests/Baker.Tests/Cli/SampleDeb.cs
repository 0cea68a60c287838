using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Images.Baker.Manifest;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Cli;

/// <summary>Debian packages made in memory.</summary>
internal static class SampleDeb
{
    public static byte[] Of(PackageLayer package) => Of(package.Package.ControlText, "data.tar.gz", Gzip(DataTar(package.Entries)));

    /// <param name="control">The control file's text.</param>
    /// <param name="dataName">data.tar and its compression.</param>
    /// <param name="data">That member's bytes.</param>
    public static byte[] Of(string control, string dataName, byte[] data)
    {
        FileTreeBuilder files = new(0);
        files.AddText("control", control);
        using MemoryStream deb = new();
        deb.Write("!<arch>\n"u8);
        AddMember(deb, "debian-binary", "2.0\n"u8);
        AddMember(deb, "control.tar.gz", Gzip(DataTar(files.Nodes)));
        AddMember(deb, dataName, data);
        return deb.ToArray();
    }

    public static byte[] DataTar(IReadOnlyDictionary<TreePath, TreeNode> entries)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach ((TreePath path, TreeNode node) in entries.OrderBy(entry => entry.Key))
            {
                writer.WriteEntry(EntryOf(path, node));
            }
        }

        return archive.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static GnuTarEntry EntryOf(TreePath path, TreeNode node)
    {
        GnuTarEntry entry = node switch
        {
            FileNode file => new GnuTarEntry(TarEntryType.RegularFile, $"./{path.Value}") { DataStream = file.Content.OpenRead() },
            SymlinkNode link => new GnuTarEntry(TarEntryType.SymbolicLink, $"./{path.Value}") { LinkName = link.Target },
            HardLinkNode link => new GnuTarEntry(TarEntryType.HardLink, $"./{path.Value}") { LinkName = $"./{link.Target.Value}" },
            _ => new GnuTarEntry(TarEntryType.Directory, $"./{path.Value}/"),
        };
        entry.Mode = (UnixFileMode)node.Mode;
        entry.Uid = node.Uid;
        entry.Gid = node.Gid;
        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(node.ModifiedUnixSeconds);
        return entry;
    }

    /// <summary>ar(5): a header of 60 bytes in text, then the content, padded to an even length.</summary>
    private static void AddMember(MemoryStream archive, string name, ReadOnlySpan<byte> content)
    {
        archive.Write(Encoding.ASCII.GetBytes($"{name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n"));
        archive.Write(content);
        archive.Write("\n"u8[..(content.Length % 2)]);
    }
}
