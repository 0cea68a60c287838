using System.Globalization;
using System.Security.Cryptography;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Lab.Machines;
using Images.NodeConfig;

namespace Images.EndToEnd.Tests;

/// <summary>A disk on which something is wrong: the boot stops, says why, and makes nothing worse.</summary>
public sealed class DamagedDiskTests
{
    private const int VerityBlockSize = 4096;

    // ext4's superblock lies 1024 bytes into the partition; the count of blocks in it at 4, the magic number at 56
    private const int BlocksCountOffset = 1024 + 4;
    private const int MagicOffset = 1024 + 56;

    private readonly string _folder = BakedImage.RunFolder(nameof(DamagedDiskTests));

    [Fact]
    public void A_broken_superblock_of_a_state_partition_in_use_stops_the_boot_and_stays_untouched()
    {
        using VirtualMachine machine = Machine("superblock");
        machine.Start();
        machine.WaitFor("init.*: formatting vda5", 120);
        machine.WaitFor("bootstrapper: waiting for metadata", 240);
        machine.CutPower();
        machine.FlipBit(BakedImage.PartitionStart("state") + BlocksCountOffset, 0);
        byte[] before = StateDigest(machine, out byte[] magic);
        magic.ShouldBe([0x53, 0xEF], "it must still look like ext4");

        machine.Start();
        machine.WaitFor("init: STOPPED: the state partition vda5 has a broken superblock and was left untouched: .*[Ss]uperblock", 120);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("handing over to systemd");
        machine.CutPower();
        StateDigest(machine, out _).ShouldBe(before);
    }

    [Fact]
    public void Foreign_data_on_the_state_partition_stops_the_boot_and_stays_untouched()
    {
        using VirtualMachine machine = Machine("foreign");
        machine.WriteToDisk(BakedImage.PartitionStart("state"), 0x5a, 65536);
        byte[] before = StateDigest(machine, out _);
        machine.Start();
        machine.WaitFor("init: STOPPED: the state partition vda5 is neither blank nor ext4 .* was left untouched", 120);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("handing over to systemd");
        machine.CutPower();

        // its partition has grown to the disk by then, its bytes are as they were
        StateDigest(machine, out _).ShouldBe(before);
    }

    [Fact]
    public void One_flipped_bit_of_systemd_on_the_root_is_named_by_verity_with_its_block_and_ends_the_machine()
    {
        using VirtualMachine machine = Machine("flipped");
        long offset = StoredOffsetOf("usr/lib/systemd/systemd");
        machine.FlipBit(BakedImage.PartitionStart("root-a") + offset, 3);
        machine.Start();
        string block = (offset / VerityBlockSize).ToString(CultureInfo.InvariantCulture);
        machine.WaitFor($"device-mapper: verity: [0-9:]+: data block {block} is corrupted", 180);
        machine.WaitFor("Kernel panic - not syncing: dm-verity device corrupted", 30);
        machine.WaitForEnd(60);
        machine.Console.Text.ShouldNotContain("systemd[1]:");
    }

    private VirtualMachine Machine(string name) => new(new VirtualMachineOptions { Name = name, Folder = _folder, DiskMebibytes = 3072 });

    /// <summary>Without what follows the file system: the second partition table, which moves when the disk grows.</summary>
    private byte[] StateDigest(VirtualMachine machine, out byte[] magic)
    {
        string copy = Path.Combine(_folder, machine.Name + ".state");
        machine.CopyPartition("state", copy);
        using (FileStream state = File.Open(copy, FileMode.Open))
        {
            state.SetLength(state.Length - (1 << 20));
            magic = new byte[2];
            state.Position = MagicOffset;
            state.ReadExactly(magic);
            state.Position = 0;
            byte[] digest = SHA256.HashData(state);
            File.Delete(copy);
            return digest;
        }
    }

    /// <summary>Where the first compressed block of a file lies in the root, a hundred bytes into it.</summary>
    private static long StoredOffsetOf(string path)
    {
        using DiskImage disk = DiskImage.Open(BakedImage.RawDisk);
        using PartitionStream slot = disk.OpenPartition(NodeDisk.RootA);
        TreeNode node = SquashFsReader.Read(slot, BakedImage.RawDisk).Tree.Nodes[TreePath.Parse(path)];
        StoredFile stored = ((FileNode)node).Content.ShouldBeAssignableTo<StoredContent>()!.Stored;
        stored.BlockSizes[0].ShouldNotBe(0u, "the first block must be stored");
        return stored.StartOffset + 100;
    }
}
