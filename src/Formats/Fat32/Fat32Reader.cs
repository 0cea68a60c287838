using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>
/// Reads a FAT32 volume strictly: boot sector and its copy, FSInfo, both FATs, every folder, and that each cluster
/// belongs to exactly one file.
/// </summary>
internal sealed class Fat32Reader
{
    private const int MaximumDepth = 64;

    private const int MaximumNodes = 100_000;

    private const int MaximumFatBytes = 64 << 20;

    private const int ReadOnlyMode = 0b111_101_101;

    private readonly Stream _volume;
    private readonly string _file;
    private readonly Fat32BootSector _boot;
    private readonly Fat32Allocation _allocation;
    private readonly FileTreeBuilder _tree = new(0);

    private Fat32Reader(Stream volume, string file, Fat32BootSector boot, Fat32Allocation allocation)
    {
        _volume = volume;
        _file = file;
        _boot = boot;
        _allocation = allocation;
    }

    /// <param name="volume">
    /// Seekable; the volume begins at its position 0. Stays in use as long as contents are read.
    /// </param>
    /// <param name="file">The volume's name, for errors.</param>
    /// <exception cref="MalformedDataException">The first rule that is broken.</exception>
    public static Fat32Volume Read(Stream volume, string file)
    {
        if (volume.Length < 16 * Fat32Geometry.SectorSize)
        {
            throw new MalformedDataException(file, volume.Length, "the volume is too short for FAT32.");
        }

        byte[] sectors = ReadAt(volume, 0, 8 * Fat32Geometry.SectorSize);
        Fat32BootSector boot = Fat32BootSector.Read(sectors, file);
        Fat32FsInfo info = Fat32FsInfo.Read(
            sectors.AsSpan(Fat32BootSector.FsInfoSector * Fat32Geometry.SectorSize), file);
        CheckBackup(sectors, file);
        if ((long)boot.Geometry.TotalSectors * Fat32Geometry.SectorSize > volume.Length)
        {
            throw new MalformedDataException(
                file, 32, "the FAT32 boot sector says more sectors than the partition has.");
        }

        Fat32Allocation allocation = new(file, boot.Geometry, ReadFat(volume, boot.Geometry, file));
        Fat32Reader reader = new(volume, file, boot, allocation);
        reader.ReadRoot();
        uint free = allocation.CheckEveryClusterIsUsed();
        if (info.FreeClusters != free && info.FreeClusters != 0xFFFFFFFF)
        {
            throw new MalformedDataException(
                file,
                Fat32Geometry.SectorSize + 488,
                $"the FAT32 FSInfo sector says {info.FreeClusters} free clusters, the FAT has {free}.");
        }

        return new Fat32Volume
        {
            Label = boot.Label,
            Serial = boot.VolumeSerial,
            HiddenSectors = boot.HiddenSectors,
            Geometry = boot.Geometry,
            FreeClusters = free,
            Tree = reader._tree.Build(),
        };
    }

    private static void CheckBackup(byte[] sectors, string file)
    {
        int backup = Fat32BootSector.BackupSector * Fat32Geometry.SectorSize;
        int same = sectors.AsSpan(0, Fat32Geometry.SectorSize).CommonPrefixLength(
            sectors.AsSpan(backup, Fat32Geometry.SectorSize));
        if (same < Fat32Geometry.SectorSize)
        {
            throw new MalformedDataException(
                file, backup + same, "the FAT32 boot sector and its copy in sector 6 differ.");
        }
    }

    private static byte[] ReadFat(Stream volume, Fat32Geometry geometry, string file)
    {
        long used = (geometry.Clusters + (long)Fat32Geometry.FirstCluster) * sizeof(uint);
        if (used > MaximumFatBytes)
        {
            throw new MalformedDataException(file, 36, "the FAT is longer than 64 MiB, the most that is read.");
        }

        byte[] fat = ReadAt(volume, geometry.FatOffset(0), (int)used);
        byte[] copy = ReadAt(volume, geometry.FatOffset(1), (int)used);
        int same = fat.AsSpan().CommonPrefixLength(copy);
        return same == fat.Length
            ? fat
            : throw new MalformedDataException(
                file,
                geometry.FatOffset(1) + same,
                $"the two FATs differ at the entry of cluster {same / sizeof(uint)}.");
    }

    private void ReadRoot()
    {
        uint[] clusters = _allocation.TakeChain(_boot.RootCluster, "/");
        ReadFolder(TreePath.Root, clusters, parentCluster: 0, depth: 0);
    }

    private void ReadFolder(TreePath folder, uint[] clusters, uint parentCluster, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw Broken(folder, "is nested deeper than 64 folders");
        }

        byte[] entries = ReadClusters(folder, clusters);
        int end = FindEnd(folder, entries);
        int first = folder.IsRoot ? 0 : CheckDots(folder, entries, clusters[0], parentCluster);
        int rowStart = first;
        for (int offset = first; offset < end; offset += Fat32DirectoryEntry.Size)
        {
            Fat32Attributes attributes = (Fat32Attributes)entries[offset + 11];
            if (entries[offset] == 0xE5)
            {
                throw Broken(folder, "holds a deleted entry");
            }

            if (attributes == Fat32Attributes.LongName)
            {
                continue;
            }

            ReadOnlySpan<byte> row = entries.AsSpan(rowStart, offset - rowStart);
            rowStart = offset + Fat32DirectoryEntry.Size;
            Fat32DirectoryEntry entry = Fat32DirectoryEntry.Read(entries.AsSpan(offset));
            if (attributes.HasFlag(Fat32Attributes.VolumeLabel))
            {
                CheckLabel(folder, entry, row);
            }
            else
            {
                ReadEntry(folder, entry, row, clusters[0], depth);
            }
        }

        if (rowStart != end)
        {
            throw Broken(folder, "ends in a long name without its short one");
        }
    }

    private void ReadEntry(
        TreePath folder, Fat32DirectoryEntry entry, ReadOnlySpan<byte> row, uint folderCluster, int depth)
    {
        string shortName = Fat32ShortNames.Display(entry.ShortName);
        byte[] shortBytes = Encoding.Latin1.GetBytes(entry.ShortName);
        string? name = row.IsEmpty ? CheckShortName(folder, entry) : Fat32LongName.Read(row, shortBytes);
        if (name is null or "." or ".." || name.Contains('/', StringComparison.Ordinal))
        {
            throw Broken(folder, $"holds a long name before {shortName} that is broken or belongs to another entry");
        }

        TreePath path = folder.Append(name);
        if ((entry.CaseFlags & ~0x18) != 0)
        {
            throw Broken(path, "has case flags that mean nothing");
        }

        if (_tree.Nodes.ContainsKey(path) || _tree.Nodes.Count >= MaximumNodes)
        {
            throw Broken(path, "stands twice in its folder, or there are more than 100,000 files");
        }

        long time = entry.Time.ToUnixSeconds() ?? throw Broken(path, "has a time that does not exist");
        if (entry.Attributes.HasFlag(Fat32Attributes.Directory))
        {
            if (entry.FileSize != 0)
            {
                throw Broken(path, "is a folder with a file size");
            }

            _tree.Set(path, new DirectoryNode { Mode = ReadOnlyMode, ModifiedUnixSeconds = time });
            uint[] chain = _allocation.TakeChain(entry.FirstCluster, path.ToString());
            ReadFolder(path, chain, folder.IsRoot ? 0 : folderCluster, depth + 1);
            return;
        }

        const Fat32Attributes Harmless =
            Fat32Attributes.Archive | Fat32Attributes.ReadOnly | Fat32Attributes.Hidden | Fat32Attributes.System;
        if ((entry.Attributes & ~Harmless) != Fat32Attributes.None)
        {
            throw Broken(path, $"has the attributes 0x{(byte)entry.Attributes:x2}, which mean nothing");
        }

        uint[] clusters = entry.FirstCluster == 0 ? [] : _allocation.TakeChain(entry.FirstCluster, path.ToString());
        long needed = (entry.FileSize + (long)_boot.Geometry.ClusterSize - 1) / _boot.Geometry.ClusterSize;
        if (clusters.Length != needed)
        {
            throw Broken(
                path, $"has {entry.FileSize} bytes, which are {needed} clusters, but a chain of {clusters.Length}");
        }

        _tree.Set(
            path, new FileNode
            {
                Mode = ReadOnlyMode,
                ModifiedUnixSeconds = time,
                Content = new Fat32Content(_volume, _boot.Geometry, clusters, entry.FileSize),
            });
    }

    private string CheckShortName(TreePath folder, Fat32DirectoryEntry entry)
    {
        string name = entry.ShortName[..8].TrimEnd(' '), extension = entry.ShortName[8..].TrimEnd(' ');
        if (name.Length == 0 || !(name + extension).All(Fat32ShortNames.IsShortCharacter))
        {
            throw Broken(folder, $"holds the short name '{name}.{extension}' with characters that are not allowed");
        }

        name = (entry.CaseFlags & 0x08) != 0 ? name.ToLowerInvariant() : name;
        extension = (entry.CaseFlags & 0x10) != 0 ? extension.ToLowerInvariant() : extension;
        return extension.Length == 0 ? name : $"{name}.{extension}";
    }

    private void CheckLabel(TreePath folder, Fat32DirectoryEntry entry, ReadOnlySpan<byte> row)
    {
        if (!folder.IsRoot
            || !row.IsEmpty
            || entry.FirstCluster != 0
            || entry.FileSize != 0
            || entry.ShortName.TrimEnd(' ') != _boot.Label)
        {
            throw Broken(folder, "holds a volume label that is not the boot sector's");
        }
    }

    private int CheckDots(TreePath folder, byte[] entries, uint own, uint parent)
    {
        Fat32DirectoryEntry dot = Fat32DirectoryEntry.Read(entries), dots = Fat32DirectoryEntry.Read(
            entries.AsSpan(Fat32DirectoryEntry.Size));
        bool right =
            dot.ShortName == ".".PadRight(11) && dot.FirstCluster == own && dot.Attributes == Fat32Attributes.Directory
            && dots.ShortName == "..".PadRight(11)
                && dots.FirstCluster == parent
                && dots.Attributes == Fat32Attributes.Directory;
        return right
            ? 2 * Fat32DirectoryEntry.Size
            : throw Broken(folder, "does not begin with '.' and '..' that point to itself and its parent");
    }

    private int FindEnd(TreePath folder, byte[] entries)
    {
        for (int offset = 0; offset < entries.Length; offset += Fat32DirectoryEntry.Size)
        {
            if (entries[offset] == 0)
            {
                return entries.AsSpan(offset)
                    .ContainsAnyExcept((byte)0) ? throw Broken(folder, "holds bytes behind its end") : offset;
            }
        }

        return entries.Length;
    }

    private byte[] ReadClusters(TreePath folder, uint[] clusters)
    {
        long bytes = (long)clusters.Length * _boot.Geometry.ClusterSize;
        if (bytes > 65536 * Fat32DirectoryEntry.Size)
        {
            throw Broken(folder, "is longer than 65,536 entries");
        }

        byte[] entries = new byte[bytes];
        using Fat32FileStream stream = new(_volume, _boot.Geometry, clusters, bytes);
        stream.ReadExactly(entries);
        return entries;
    }

    private MalformedDataException Broken(TreePath path, string rule) =>
        new(_file, -1, $"the FAT32 entry {path} {rule}.");

    private static byte[] ReadAt(Stream volume, long offset, int count)
    {
        byte[] bytes = new byte[count];
        volume.Position = offset;
        volume.ReadExactly(bytes);
        return bytes;
    }
}
