using Images.Bootstrapper.Machine;

namespace Images.Bootstrapper.Tests.Machine;

public sealed class BlockDevicePlaceTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block/sr0", "", "", "pci0000:00/0000:00:1f.2/0:0:0")]
    [InlineData("pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block/sr0", "../../../../../ata_port/ata3/port_no", "1", "pci0000:00/0000:00:1f.2/ata-1/0:0:0")]
    [InlineData("pci0000:00/0000:00:04.0/virtio1/block/vdb", "serial", "seed-1", "pci0000:00/0000:00:04.0, serial seed-1")]
    [InlineData("pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb1", "../serial", "seed-1", "pci0000:00/0000:00:04.0, serial seed-1, partition 1")]
    [InlineData("pci0000:00/0000:00:05.0/nvme/nvme2/nvme2n1", "wwid", "eui.01", "pci0000:00/0000:00:05.0, serial eui.01")]
    [InlineData("pci0000:00/0000:00:14.0/usb2/2-1/2-1.4/2-1.4:1.0/host5/target5:0:0/5:0:0:0/block/sdc", "", "", "pci0000:00/0000:00:14.0/usb-1/usb-1.4/usb-1.4:1.0/0:0:0")]
    [InlineData("LNXSYSTM:00/VMBUS:00/f8b3781a-1e82-4818-a1c3-63d806ec15bb/host1/target1:0:0/1:0:0:1/block/sr0", "", "", "LNXSYSTM:00/VMBUS:00/f8b3781a-1e82-4818-a1c3-63d806ec15bb/0:0:1")]
    [InlineData("vbd-51728/block/xvdb", "", "", "vbd-51728")]
    public void A_device_is_known_by_its_place_and_serial_number(string path, string file, string text, string expected)
    {
        string folder = $"/sys/devices/{path}";
        string name = Path.GetFileName(path);
        Directory.CreateDirectory(_machine.Root[folder]);
        Directory.CreateSymbolicLink(_machine.Root[$"/sys/class/block/{name}"], _machine.Root[folder]);
        if (name == "vdb1")
        {
            _machine.Put($"{folder}/partition", "1\n");
        }

        if (file.Length > 0)
        {
            _machine.Put(Path.GetFullPath($"{folder}/{file}"), text + "\n");
        }

        BlockDevicePlace.Of(_machine.Root, name).ShouldBe(expected);
        BlockDevicePlace.IsOverNetwork(_machine.Root, name).ShouldBeFalse();
    }
}
