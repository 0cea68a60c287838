using Images.Baker.Outputs;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.Verity;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Inspect;

/// <summary>Reads the image that a delta is to start from: a raw disk, or an upgrade that holds all.</summary>
internal static class OlderImageReader
{
    /// <exception cref="BakeException">The file cannot be read, or is a delta itself.</exception>
    /// <exception cref="MalformedDataException">It is no image of ours, or damaged.</exception>
    public static OlderImage Read(string path)
    {
        OlderImage image = UpgradeInspector.IsOne(path) ? ReadUpgrade(path) : ReadDisk(path);
        return image.Root.Length > 0 ? image : throw new BakeException(
            "BAKE0651", path, "It is a delta, which holds no whole image.",
            "Give --from the disk or the whole upgrade of the image that nodes run.");
    }

    private static OlderImage ReadUpgrade(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, path);
        UpgradeManifest manifest = upgrade.Manifest;
        return manifest.Delta is not null
            ? new OlderImage { RootHash = manifest.RootHash, Uki = default, Root = default }
            : new OlderImage
            {
                RootHash = manifest.RootHash,
                Uki = ReadAll(upgrade.OpenUki(), manifest.UkiBytes),
                Root = ReadAll(upgrade.OpenRoot(), manifest.RootBytes),
            };
    }

    private static OlderImage ReadDisk(string path)
    {
        using DiskImage disk = DiskImage.Open(path);
        using PartitionStream espPartition = disk.OpenPartition(NodeDisk.Esp);
        EspContent esp = EspContent.Read(espPartition, $"{path} ({NodeDisk.Esp})");
        string slotName = RootSlot.Find(disk, esp.Verity);
        using PartitionStream slot = disk.OpenPartition(slotName);
        VerityTree.Verify(slot, esp.Verity, $"{path} ({slotName})");
        slot.Position = 0;
        return new OlderImage
        {
            RootHash = esp.Verity.RootHash,
            Uki = esp.Volume.Tree.ReadFile(esp.KernelImage.Value),
            Root = ReadAll(slot, esp.Verity.TotalBytes),
        };
    }

    private static byte[] ReadAll(Stream stream, long bytes)
    {
        byte[] all = new byte[bytes];
        stream.ReadExactly(all);
        return all;
    }
}
