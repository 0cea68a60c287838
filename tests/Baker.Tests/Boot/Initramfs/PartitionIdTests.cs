using Images.Baker.Disk;
using Images.Formats.Gpt;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Boot.Initramfs;

public sealed class PartitionIdTests
{
    /// <summary>By it /init tells the disk that the firmware booted from.</summary>
    [Theory]
    [InlineData(1, NodeDisk.Esp)]
    [InlineData(4, NodeDisk.RootB)]
    [InlineData(5, NodeDisk.State)]
    public void The_initramfs_reads_the_identifiers_that_the_bake_wrote(int number, string name)
    {
        using TemporaryFolder folder = new();
        GptLayout layout = new DiskSizes().ToLayout();
        using (FileStream disk = File.Create(folder["disk"]))
        {
            disk.SetLength(layout.SizeBytes);
            GptWriter.Write(layout, NodeDisk.EspType, disk);
        }

        string function = Judge.Run("sed", "-n", "/^partition_id()/,/^}/p", Path.Combine(Checkout.Folder, "roles/initramfs/init"));
        Judge.Run("bash", "-c", $"cat() {{ echo {number}; }}; disk_of() {{ echo ..{folder["disk"]}; }}\n{function}\npartition_id x")
            .Trim().ShouldBe(layout[name].PartitionGuid.ToString());
    }
}
