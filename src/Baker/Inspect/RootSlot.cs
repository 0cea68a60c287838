using Images.Baker.Boot.Verity;
using Images.Baker.Disk;
using Images.Baker.Disk.Gpt;

namespace Images.Baker.Inspect;

/// <summary>Which of the two slots holds the root that a kernel image names.</summary>
internal static class RootSlot
{
    /// <summary>The slot whose tree begins with the root hash; where none does, root-a, so that what is wrong there gets named.</summary>
    /// <exception cref="MalformedDataException">The disk has no root-a.</exception>
    public static string Find(DiskImage disk, VerityInfo verity)
    {
        foreach (string name in (string[])[DiskLayout.RootA, DiskLayout.RootB])
        {
            using PartitionStream slot = disk.OpenPartition(name);
            if (VerityTree.BeginsIn(slot, verity))
            {
                return name;
            }
        }

        return DiskLayout.RootA;
    }
}
