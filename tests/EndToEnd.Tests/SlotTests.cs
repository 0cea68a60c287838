using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Which slot, and which state partition, a machine takes: what has the root hash decides, not the slot's name and not the disks' order.</summary>
public sealed class SlotTests
{
    private readonly string _folder = BakedImage.RunFolder(nameof(SlotTests));

    [Fact]
    public void The_root_moved_into_slot_b_boots_and_the_console_says_what_was_compared()
    {
        using VirtualMachine machine = new(Options("moved"));
        machine.FillPartition("root-b", from: "root-a");
        machine.BlankPartition("root-a");
        machine.Start();
        string root = machine.WaitFor("init.*: root hash ([0-9a-f]{64}), vda4: match", 120).Groups[1].Value;
        machine.WaitFor($"init.*: root hash {root}, vda3: has (?!{root})[0-9a-f]{{64}}$", 10);
        machine.WaitFor("init.*: root is vda4 on vda$", 10);
        machine.WaitFor("bootstrapper: waiting for metadata", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);
    }

    [Fact]
    public void The_same_root_on_two_disks_stops_the_boot_and_nothing_is_written()
    {
        using VirtualMachine twin = new(Options("twin"));
        using VirtualMachine machine = new(Options("two-roots") with { OtherDisk = twin.Disk });
        machine.Start();
        machine.WaitFor("init: STOPPED: vda3 and vdb3 on different disks both hold the root [0-9a-f]{64}; take one disk out", 120);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotMatch("init.*: state is|init.*: formatting|handing over to systemd");
        machine.CutPower();
        Judge.Run("qemu-img", "compare", machine.Disk, twin.Disk);
    }

    [Fact]
    public void State_is_taken_from_the_disk_that_has_the_root_also_where_it_is_the_second_and_has_it_in_both_slots()
    {
        using VirtualMachine whole = new(Options("whole"));
        whole.FillPartition("root-b", from: "root-a");
        using VirtualMachine machine = new(Options("rootless-first") with { OtherDisk = whole.Disk });
        machine.BlankPartition("root-a");
        machine.Start();
        machine.WaitFor("init.*: root hash [0-9a-f]{64}, vdb4: match$", 120);
        machine.WaitFor("init.*: root is vdb3 on vdb$", 30);
        machine.WaitFor("init.*: state is vdb5, blank$", 60);
        machine.WaitFor("init.*: handing over to systemd", 60);
        machine.Console.Text.ShouldNotMatch("init.*: (state is |formatting )?vda5");
    }

    [Fact]
    public void Without_the_root_on_any_disk_the_machine_keeps_looking_and_says_what_it_compared()
    {
        using VirtualMachine machine = new(Options("rootless"));
        machine.BlankPartition("root-a");
        machine.Start();
        machine.WaitFor("init: still looking for the root [0-9a-f]{64}; compared: vda3: has [0-9a-f]{64}; vda4: has [0-9a-f]{64};$", 120);
        machine.Console.Text.ShouldNotMatch("init.*: (root is|state is|formatting)");
    }

    private VirtualMachineOptions Options(string name) => new() { Name = name, Folder = _folder, DiskMebibytes = 3072 };
}
