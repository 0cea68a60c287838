using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>Whose disk it is and whose metadata counts, with other disks and in other machines.</summary>
public sealed class DiskIdentityTests
{
    private const string OwnUuid = "6d3f0a1c-0001-4000-8000-000000000001";

    private readonly string _folder = BakedImage.RunFolder(nameof(DiskIdentityTests));
    private readonly ClusterSeeds _own;
    private readonly ClusterSeeds _strangers;

    public DiskIdentityTests()
    {
        _own = new ClusterSeeds(Path.Combine(_folder, "own"));
        _own.Role("etcd", size: 1);
        _strangers = new ClusterSeeds(Path.Combine(_folder, "strangers"), "stranger");
        _strangers.Role("etcd", size: 1);
    }

    [Fact]
    public void With_a_copy_of_the_image_and_a_second_seed_at_its_second_boot_a_node_is_itself()
    {
        using VirtualMachine copy = new(Options("copy"));
        using VirtualMachine machine = FirstBoot("own");
        BootAmongStrangers(machine, copy.Disk);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 240);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_volume_with_the_images_identifiers_and_another_nodes_state_is_left_and_keeps_what_it_has()
    {
        using VirtualMachine tenant = new(Options("tenant") with { SeedImage = Disc(_strangers, "tenant") });
        tenant.Start();
        tenant.WaitFor("bootstrapper: role etcd, cluster stranger.k8s", 300);
        tenant.WaitFor("bootstrapper: system: running", 240);
        tenant.CutPower();
        tenant.TakeTableOfImage();
        using VirtualMachine machine = FirstBoot("beside");
        BootAmongStrangers(machine, tenant.Disk);
        machine.Console.Text.ShouldNotMatch("cluster stranger|state is vdc|formatting");
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_disk_that_was_cloned_to_another_machine_starts_nothing_and_says_why_until_it_is_accepted()
    {
        using VirtualMachine machine = FirstBoot("cloned");
        machine.Change(options => options with { Firmware = "uuid=0b1e2f3d-0002-4000-8000-000000000002,serial=OTHER-2" });
        machine.Start();
        string word = machine.WaitFor(
            "bootstrapper: NODE0007  this disk: it belongs to another machine: product_uuid was 6d3f0a1c… and is 0b1e2f3d…; .* boot with (node.accept=[0-9a-f]{8}) on",
            300).Groups[1].Value;
        Thread.Sleep(10_000);
        machine.Console.Text.ShouldNotContain("bootstrapper: role ");
        machine.CutPower();

        machine.Change(options => options with { ExtraCommandLine = word });
        machine.Start();
        machine.WaitFor("bootstrapper: another machine than before, and accepted: ", 300);
        machine.WaitFor("bootstrapper: role etcd, cluster demo.k8s", 60);
    }

    private VirtualMachine FirstBoot(string name)
    {
        VirtualMachine machine = new(Options(name) with { SeedImage = Disc(_own, name) });
        machine.Start();
        machine.WaitFor("init.*: the firmware booted from the partition 1d83dce8-cc05-853a-87bf-0969e731350c$", 120);
        machine.WaitFor("init.*: vda has identifiers of its own$", 60);
        machine.WaitFor(@"bootstrapper: datasource NoCloud \(/dev/sr0, cidata\)", 300);
        machine.WaitFor("bootstrapper: role etcd, cluster demo.k8s", 60);
        machine.CutPower();
        return machine;
    }

    /// <summary>
    /// Boots with a stranger's seed on vdb and a stranger's disk as vdc. Where the drive with the own seed shows itself
    /// too late, the stranger's is left all the same, and the copy of the first boot serves.
    /// </summary>
    private void BootAmongStrangers(VirtualMachine machine, string disk)
    {
        string seed = _strangers.FatVolume("volume", _strangers.UserData("etcd"), "instance-id: stranger\n");
        machine.Change(options => options with { SeedDisk = seed, OtherDisk = disk });
        machine.Start();
        machine.WaitFor("init.*: the firmware booted from the partition (?!1d83dce8)[0-9a-f-]{36}$", 120);
        machine.WaitFor("init: vdc3 holds the root [0-9a-f]{64} too and is left: the firmware booted from vda$", 60);
        machine.WaitFor("init.*: root is vda3 on vda$", 10);
        machine.WaitFor("init.*: state is vda5, ext4$", 60);
        machine.WaitFor(
            @"bootstrapper: (NoCloud: /dev/vdb \(CIDATA\) is left: this machine's metadata comes from /dev/sr0 \(cidata\)"
                + @"|metadata left: NODE0005  NoCloud \(/dev/vdb, CIDATA\): this machine's metadata comes from NoCloud \(pci)",
            300);
        machine.WaitFor("bootstrapper: role etcd, cluster demo.k8s", 60);
    }

    private static string Disc(ClusterSeeds seeds, string name) =>
        seeds.CloudLocaldsIso(name, seeds.UserData("etcd"), $"instance-id: {name}-1\n");

    private VirtualMachineOptions Options(string name) => new()
    {
        Name = name,
        Folder = _folder,
        DiskMebibytes = 3072,
        Processors = 1,
        MemoryMebibytes = 1024,
        UserNetworkPorts = [],
        Firmware = $"uuid={OwnUuid},serial=OWN-1",
    };
}
