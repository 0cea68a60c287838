using System.Buffers;
using System.Buffers.Binary;
using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>
/// Writes a FAT32 volume with long names. Every file is one run of clusters; what is free stays a hole.
/// </summary>
internal static class Fat32Writer
{
    private const uint EndOfChain = 0x0FFFFFFF;

    private const int CopyBytes = 1 << 20;

    /// <param name="tree">Files and folders only; owners and modes have no place in FAT.</param>
    /// <param name="options">Size, label and time.</param>
    /// <param name="volume">
    /// Seekable, all zero where nobody wrote; the volume begins at its position 0. Left open.
    /// </param>
    /// <returns>
    /// The digest of the content, see <see cref="Fat32ContentDigest"/>; the volume's serial is its first four bytes.
    /// </returns>
    /// <exception cref="ContentException">FAT32 cannot hold the tree, or the volume is too small.</exception>
    public static Digest Write(FileTree tree, Fat32Options options, Stream volume)
    {
        Fat32Geometry geometry = Fat32Geometry.For(options.SizeBytes);
        string label = CheckLabel(options.Label);
        Fat32Plan plan = Fat32Plan.Make(tree, geometry);
        Digest content = Fat32ContentDigest.Of(tree);
        WriteReservedSectors(volume, geometry, plan, options, label, Fat32ContentDigest.Serial(content));
        WriteFats(volume, geometry, plan);
        Fat32Time time = Fat32Time.FromUnixSeconds(options.TimeUnixSeconds);
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            volume.Position = plan.Runs[path]
                .Clusters == 0 ? volume.Position : geometry.ClusterOffset(plan.Runs[path].FirstCluster);
            switch (node)
            {
                case FileNode file:
                    CopyFile(file, volume);
                    break;
                default:
                    volume.Write(MakeDirectory(path, tree, plan, label, time));
                    break;
            }
        }

        volume.SetLength(Math.Max(volume.Length, options.SizeBytes));
        return content;
    }

    private static string CheckLabel(string label) =>
        label.Length is >= 1 and <= 11
            && label.All(character => Fat32ShortNames.IsShortCharacter(character) || character == ' ')
            && label.Trim() == label
            ? label.PadRight(11)
            : throw new ContentException(
                "BAKE0512",
                "the FAT32 volume",
                $"'{label}' is no volume label.",
                "Give 1 to 11 characters of A to Z, 0 to 9, - and _.");

    private static void WriteReservedSectors(
        Stream volume, Fat32Geometry geometry, Fat32Plan plan, Fat32Options options, string label, uint serial)
    {
        byte[] sectors = new byte[2 * Fat32Geometry.SectorSize];
        new Fat32BootSector
        {
            Geometry = geometry,
            HiddenSectors = options.HiddenSectors,
            RootCluster = Fat32Geometry.FirstCluster,
            VolumeSerial = serial,
            Label = label,
        }.WriteTo(sectors);
        new Fat32FsInfo
        {
            FreeClusters = geometry.Clusters - plan.UsedClusters,
            NextFreeCluster = Fat32Geometry.FirstCluster + plan.UsedClusters,
        }.WriteTo(sectors.AsSpan(Fat32BootSector.FsInfoSector * Fat32Geometry.SectorSize));
        volume.Position = 0;
        volume.Write(sectors);
        volume.Position = Fat32BootSector.BackupSector * Fat32Geometry.SectorSize;
        volume.Write(sectors);
    }

    private static void WriteFats(Stream volume, Fat32Geometry geometry, Fat32Plan plan)
    {
        byte[] fat = new byte[(Fat32Geometry.FirstCluster + plan.UsedClusters) * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(fat, 0x0FFFFFF8); // the media byte again
        BinaryPrimitives.WriteUInt32LittleEndian(fat.AsSpan(4), EndOfChain); // was unmounted cleanly, saw no errors
        foreach (Fat32Run run in plan.Runs.Values.Where(run => run.Clusters > 0))
        {
            uint last = run.FirstCluster + run.Clusters - 1;
            for (uint cluster = run.FirstCluster; cluster <= last; cluster++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(
                    fat.AsSpan((int)cluster * sizeof(uint)), cluster == last ? EndOfChain : cluster + 1);
            }
        }

        for (uint copy = 0; copy < geometry.FatCount; copy++)
        {
            volume.Position = geometry.FatOffset(copy);
            volume.Write(fat);
        }
    }

    private static byte[] MakeDirectory(TreePath folder, FileTree tree, Fat32Plan plan, string label, Fat32Time time)
    {
        ArrayBufferWriter<byte> entries = new();
        if (folder.IsRoot)
        {
            Append(label, Fat32Attributes.VolumeLabel, 0, 0);
        }
        else
        {
            uint parent = folder.Parent.IsRoot ? 0 : plan.Runs[folder.Parent].FirstCluster;
            Append(".".PadRight(11), Fat32Attributes.Directory, plan.Runs[folder].FirstCluster, 0);
            Append("..".PadRight(11), Fat32Attributes.Directory, parent, 0);
        }

        foreach (Fat32Name name in plan.Folders[folder])
        {
            if (name.NeedsLongName)
            {
                int bytes = Fat32LongName.EntryCount(name.LongName) * Fat32DirectoryEntry.Size;
                Fat32LongName.Write(name.LongName, name.ShortName, entries.GetSpan(bytes));
                entries.Advance(bytes);
            }

            uint firstCluster = plan.Runs[name.Path].FirstCluster;
            long fileBytes = tree.Nodes[name.Path] is FileNode file ? file.Content.Length : 0;
            Append(
                name.ShortName,
                tree.Nodes[name.Path] is FileNode ? Fat32Attributes.Archive : Fat32Attributes.Directory,
                firstCluster,
                (uint)fileBytes);
        }

        return entries.WrittenSpan.ToArray();

        void Append(string shortName, Fat32Attributes attributes, uint firstCluster, uint fileBytes)
        {
            new Fat32DirectoryEntry
            {
                ShortName = shortName,
                Attributes = attributes,
                Time = time,
                FirstCluster = firstCluster,
                FileSize = fileBytes,
            }.WriteTo(entries.GetSpan(Fat32DirectoryEntry.Size));
            entries.Advance(Fat32DirectoryEntry.Size);
        }
    }

    private static void CopyFile(FileNode file, Stream volume)
    {
        using Stream content = file.Content.OpenRead();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (long left = file.Content.Length; left > 0;)
            {
                int count = (int)Math.Min(left, CopyBytes);
                content.ReadExactly(buffer, 0, count);
                volume.Write(buffer.AsSpan(0, count));
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
