using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Iso9660;

/// <summary>
/// Writes an ISO 9660 image (ECMA-119 level 2) with two hierarchies over the same files: the primary one, which carries
/// Rock Ridge names, and Joliet's.
/// </summary>
internal static class Iso9660Writer
{
    public const int SectorSize = 2048;

    private const int DescriptorSector = 16;

    private const int FirstFreeSector = DescriptorSector + 3;

    /// <summary>ECMA-119 6.8.2.1: the root is the first of eight levels.</summary>
    private const int MaximumDepth = 8;

    /// <summary>What Linux allows, and more than SUSP needs two fields for.</summary>
    private const int MaximumNameBytes = 255;

    /// <param name="tree">Files and folders only.</param>
    /// <param name="options">Label and time.</param>
    /// <param name="output">
    /// Gets the image from its position on, front to back; need not be seekable. Left open.
    /// </param>
    /// <exception cref="ContentException">ISO 9660 cannot hold the tree.</exception>
    public static void Write(FileTree tree, Iso9660Options options, Stream output)
    {
        Check(tree, options);
        RockRidgeContinuations continuations = new(FirstFreeSector);
        Iso9660Hierarchy primary = new(tree, joliet: false, continuations);
        Iso9660Hierarchy joliet = new(tree, joliet: true, continuations);

        uint primaryTable = FirstFreeSector + continuations.Sectors;
        uint primaryTableSectors = SectorsOf(primary.PathTableBytes);
        uint jolietTable = primaryTable + (2 * primaryTableSectors);
        uint jolietTableSectors = SectorsOf(joliet.PathTableBytes);
        uint folders = jolietTable + (2 * jolietTableSectors);
        uint files = joliet.Place(primary.Place(folders));
        Dictionary<TreePath, uint> fileSectors = PlaceFiles(tree, files, out uint totalSectors);

        output.Write(new byte[DescriptorSector * SectorSize]);
        output.Write(MakeDescriptor(primary, false, primaryTable, primaryTableSectors, totalSectors, options));
        output.Write(MakeDescriptor(joliet, true, jolietTable, jolietTableSectors, totalSectors, options));
        output.Write(MakeTerminator());
        output.Write(continuations.ToArray());
        WritePathTables(output, primary);
        WritePathTables(output, joliet);
        output.Write(primary.MakeFolders(path => fileSectors[path]));
        output.Write(joliet.MakeFolders(path => fileSectors[path]));
        WriteFiles(output, tree);
    }

    private static void Check(FileTree tree, Iso9660Options options)
    {
        if (options.VolumeLabel.Length is 0 or > 16
            || options.VolumeLabel.Any(character => !char.IsAscii(character) || char.IsControl(character)))
        {
            throw new ContentException(
                "BAKE0520",
                "the ISO image",
                $"'{options.VolumeLabel}' is no volume label.",
                "Give 1 to 16 ASCII characters.");
        }

        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            switch (node)
            {
                case FileNode file when file.Content.Length > uint.MaxValue:
                    throw Refuse(
                        path,
                        $"has {file.Content.Length} bytes; ISO 9660 holds 4,294,967,295 in one piece",
                        "Leave it out.");
                case FileNode or DirectoryNode:
                    break;
                default:
                    throw Refuse(path, "is neither a file nor a folder", "Leave it out or copy what it points to.");
            }

            int depth =
                path.IsRoot ? 1 : 1 + path.Value.Count(character => character == '/') + (node is DirectoryNode ? 1 : 0);
            if (depth > MaximumDepth || Encoding.UTF8.GetByteCount(path.Name) > MaximumNameBytes)
            {
                throw Refuse(
                    path, "lies deeper than eight levels, or its name has more than 255 bytes", "Move or rename it.");
            }
        }
    }

    private static ContentException Refuse(TreePath path, string problem, string remedy) =>
        new("BAKE0521", $"the ISO image's {path}", $"{problem}.", remedy);

    private static uint SectorsOf(long bytes) => (uint)((bytes + SectorSize - 1) / SectorSize);

    private static Dictionary<TreePath, uint> PlaceFiles(FileTree tree, uint firstSector, out uint totalSectors)
    {
        Dictionary<TreePath, uint> sectors = [];
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            if (node is FileNode file)
            {
                sectors[path] = firstSector;
                firstSector += SectorsOf(file.Content.Length);
            }
        }

        totalSectors = firstSector;
        return sectors;
    }

    private static byte[] MakeDescriptor(
        Iso9660Hierarchy hierarchy,
        bool joliet,
        uint table,
        uint tableSectors,
        uint totalSectors,
        Iso9660Options options)
    {
        byte[] sector = new byte[SectorSize];
        new Iso9660VolumeDescriptor
        {
            Joliet = joliet,
            VolumeLabel = options.VolumeLabel,
            TotalSectors = totalSectors,
            PathTableBytes = (uint)hierarchy.PathTableBytes,
            LittleEndianPathTableSector = table,
            BigEndianPathTableSector = table + tableSectors,
            Root = hierarchy.RootRecord(),
            TimeUnixSeconds = options.TimeUnixSeconds,
        }.WriteTo(sector);
        return sector;
    }

    private static byte[] MakeTerminator()
    {
        byte[] sector = new byte[SectorSize];
        Iso9660VolumeDescriptor.WriteTerminatorTo(sector);
        return sector;
    }

    private static void WritePathTables(Stream output, Iso9660Hierarchy hierarchy)
    {
        foreach (bool bigEndian in (bool[])[false, true])
        {
            byte[] table = hierarchy.MakePathTable(bigEndian);
            output.Write(table);
            Pad(output, table.Length);
        }
    }

    private static void WriteFiles(Stream output, FileTree tree)
    {
        foreach (FileNode file in tree.Nodes.Values.OfType<FileNode>())
        {
            using Stream content = file.Content.OpenRead();
            content.CopyTo(output);
            Pad(output, file.Content.Length);
        }
    }

    private static void Pad(Stream output, long length) =>
        output.Write(new byte[(SectorsOf(length) * (long)SectorSize) - length]);
}
