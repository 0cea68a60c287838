using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Machines that get no metadata, or none that can be read.</summary>
public sealed class WithoutMetadataTests
{
    private readonly string _folder = BakedImage.RunFolder(nameof(WithoutMetadataTests));

    [Fact]
    public void A_machine_without_metadata_runs_with_no_failed_unit_and_says_what_it_looks_for()
    {
        using VirtualMachine machine = new(new MachineOptions { Name = "blank", Folder = _folder });
        machine.Start();
        machine.WaitFor("bootstrapper: waiting for metadata since .* s; looked for: .*NoCloud.*", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        machine.WaitFor(@"bootstrapper: waiting for metadata since (3\d|[4-9]\d|\d{3,}) s", 90);
    }

    [Fact]
    public void Broken_user_data_is_named_with_line_and_column_and_starts_nothing()
    {
        ClusterSeeds seeds = new(Path.Combine(_folder, "cluster"));
        string userData = "#cloud-config\nnode:\n  cluster: demo\n  roles: [etcd]\n  sise: 3\n";
        using VirtualMachine machine = new(new MachineOptions
        {
            Name = "broken",
            Folder = _folder,
            SeedImage = seeds.ForeignIso("broken", userData, "instance-id: broken-1\n"),
        });
        machine.Start();
        machine.WaitFor(@"bootstrapper: .*user-data:5:3 .*sise", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
        machine.Console.Text.ShouldNotContain("bootstrapper: role ");
    }

    [Fact]
    public void A_state_partition_with_a_broken_superblock_stops_the_boot_untouched()
    {
        using VirtualMachine machine = new(new MachineOptions { Name = "state", Folder = _folder });
        long state = StateOffset();
        machine.WriteToDisk(state, 0x5a, 65536);
        string before = StateHead(machine, state);
        machine.Start();
        machine.WaitFor("init: STOPPED: the state partition .* is neither blank nor ext4 .* was left untouched", 120);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("bootstrapper:");
        machine.CutPower();
        StateHead(machine, state).ShouldBe(before);
    }

    [Fact]
    public void A_flipped_bit_in_the_root_is_refused_by_verity_and_said_on_the_console()
    {
        using VirtualMachine machine = new(new MachineOptions { Name = "flipped", Folder = _folder });
        long root = PartitionOffset("root-a");
        machine.WriteToDisk(root + 4096, 0xa5, 1024 * 1024);
        machine.Start();
        machine.WaitFor("(?i)verity.*corrupt|root-a.*corrupt", 120);
        machine.Console.Text.ShouldNotContain("bootstrapper: system: running");
    }

    private static long StateOffset() => PartitionOffset("state");

    private static long PartitionOffset(string label)
    {
        using System.Text.Json.JsonDocument table = System.Text.Json.JsonDocument.Parse(Judge.Run("sfdisk", "--json", BakedImage.RawDisk));
        return table.RootElement.GetProperty("partitiontable").GetProperty("partitions").EnumerateArray()
            .Single(partition => partition.GetProperty("name").GetString() == label).GetProperty("start").GetInt64() * 512;
    }

    private static string StateHead(VirtualMachine machine, long offset) =>
        Judge.Run("qemu-io", "-r", "-f", "qcow2", "-c", $"read -v {offset} 65536", machine.Disk).Split("read 65536")[0];
}
