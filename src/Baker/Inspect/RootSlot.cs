using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.Verity;
using Images.NodeConfig;

namespace Images.Baker.Inspect;

/// <summary>Which of the two slots holds the root that a kernel image names.</summary>
internal static class RootSlot
{
    /// <summary>
    /// The slot whose tree begins with the root hash; where none does, root-a, so that what is wrong there gets named.
    /// </summary>
    /// <exception cref="MalformedDataException">The disk has no root-a.</exception>
    public static string Find(DiskImage disk, VerityInfo verity)
    {
        foreach (string name in (string[])[NodeDisk.RootA, NodeDisk.RootB])
        {
            using PartitionStream slot = disk.OpenPartition(name);
            if (VerityTree.BeginsIn(slot, verity))
            {
                return name;
            }
        }

        return NodeDisk.RootA;
    }
}
