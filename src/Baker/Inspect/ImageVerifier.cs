using System.Globalization;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.Fat32;
using Images.Formats.Gpt;
using Images.Formats.Tree;
using Images.Formats.Verity;
using Images.NodeConfig;

namespace Images.Baker.Inspect;

/// <summary>
/// Reads a whole image as a bake left it and stops at the first thing that is wrong. Every byte of the disk is covered:
/// by a checksum, by comparing it with what a bake writes, or by being zero.
/// </summary>
internal static class ImageVerifier
{
    /// <param name="path">The raw disk.</param>
    /// <param name="passed">Hears of each check that passed: its name and what was checked.</param>
    /// <exception cref="BakeException">The file cannot be read.</exception>
    /// <exception cref="MalformedDataException">The first thing wrong.</exception>
    public static void Verify(string path, Action<string, string> passed)
    {
        using DiskImage disk = DiskImage.Open(path);
        CheckPartitions(disk);
        passed("partition table", $"both copies, {disk.Partitions.Count} partitions");

        using PartitionStream espPartition = disk.OpenPartition(NodeDisk.Esp);
        string espName = NameOf(disk, NodeDisk.Esp);
        EspContent esp = EspContent.Read(espPartition, espName);
        passed(
            "EFI system partition",
            $"{esp.Volume.Tree.Nodes.Values.Count(node => node is FileNode)} files, kernel {esp.KernelRelease}");

        string slotName = RootSlot.Find(disk, esp.Verity);
        string rootName = NameOf(disk, slotName);
        using PartitionStream slot = disk.OpenPartition(slotName);
        InspectedManifest manifest = RootVerifier.Verify(slot, esp.Verity, rootName, passed);

        CheckIdentity(disk, esp);
        passed("identity", $"disk {disk.DiskGuid} derives from root hash and boot files");

        CheckEspBytes(espPartition, esp, manifest, espName);
        CheckBlanks(disk, slot, slotName, esp.Verity);
        passed("blank space", "nothing stands where nothing should");
    }

    private static void CheckPartitions(DiskImage disk)
    {
        string[] wanted = [NodeDisk.Esp, NodeDisk.Bios, NodeDisk.RootA, NodeDisk.RootB, NodeDisk.State];
        string[] found = [.. disk.Partitions.Select(partition => partition.Name)];
        if (!found.SequenceEqual(wanted))
        {
            throw new MalformedDataException(
                disk.FilePath, 1024,
                $"the partitions are {string.Join(", ", found)}, not {string.Join(", ", wanted)}.");
        }
    }

    /// <summary>FAT has no checksums, so the volume is written once more from its own files and compared.</summary>
    private static void CheckEspBytes(
        PartitionStream partition, EspContent esp, InspectedManifest manifest, string file)
    {
        if (!DateTimeOffset.TryParse(
            manifest.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset created))
        {
            throw new MalformedDataException(file, -1, $"the manifest's date '{manifest.Created}' is none.");
        }

        using ComparingStream comparison = new(
            partition, file, "the volume is not what a bake writes for its files (a boot, too, changes it).");
        Fat32Options options = new()
        {
            SizeBytes = partition.Length,
            Label = esp.Volume.Label,
            TimeUnixSeconds = created.ToUnixTimeSeconds(),
            HiddenSectors = esp.Volume.HiddenSectors,
        };
        Fat32Writer.Write(esp.Volume.Tree, options, comparison);
        comparison.CompareHoles();
    }

    private static void CheckIdentity(DiskImage disk, EspContent esp)
    {
        Guid expected = ContentGuid.From([Digest.Parse(esp.Verity.RootHash), Fat32ContentDigest.Of(esp.Volume.Tree)]);
        if (disk.DiskGuid != expected)
        {
            throw new MalformedDataException(
                disk.FilePath, 512 + 56,
                $"the disk's GUID is {disk.DiskGuid}; root hash and boot files make it {expected}: "
                    + "one of them was changed since the bake.");
        }
    }

    private static void CheckBlanks(DiskImage disk, PartitionStream slot, string slotName, VerityInfo verity)
    {
        ZeroCheck.Require(
            slot, verity.TotalBytes, slot.Length - verity.TotalBytes, NameOf(disk, slotName),
            "bytes stand behind the verity tree.");
        foreach (GptPartition blank in disk.Partitions.Where(
            partition => partition.Name != slotName && partition.Name != NodeDisk.Esp))
        {
            using PartitionStream stream = disk.OpenPartition(blank.Name);
            ZeroCheck.Require(
                stream, 0, stream.Length, NameOf(disk, blank.Name),
                "the partition is not blank, as it is in a fresh image.");
        }

        using PartitionStream whole = disk.OpenWhole();
        long offset = 34 * GptLayout.LogicalBlockSize;
        const string Rule = "bytes stand outside of any partition.";
        ZeroCheck.Require(whole, 0, 446, disk.FilePath, Rule);
        foreach (GptPartition partition in disk.Partitions.OrderBy(partition => partition.OffsetBytes))
        {
            ZeroCheck.Require(whole, offset, partition.OffsetBytes - offset, disk.FilePath, Rule);
            offset = partition.OffsetBytes + partition.SizeBytes;
        }

        ZeroCheck.Require(
            whole, offset, disk.SizeBytes - (33 * GptLayout.LogicalBlockSize) - offset, disk.FilePath, Rule);
    }

    private static string NameOf(DiskImage disk, string partition) => $"{disk.FilePath} ({partition})";
}
