using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Boot;

/// <summary>An identity stays with the source that it came from.</summary>
public sealed class SourceMemoryTests : IDisposable
{
    private const string Cdrom = "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0";
    private const string OtherCdrom = "pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:1";
    private const string TenantDisk = "pci0000:00/0000:00:07.0/virtio3";

    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("sda")] // before sr0 in the order of names
    [InlineData("vdb")]
    public async Task Another_volume_is_named_and_left_and_not_even_opened_while_the_first_is_there(string device)
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.InsertSeedAt(TenantDisk, Strangers(), "instance-id: i-tenant\n", device);
        int opened = 0;
        _machine.OnVolumeRead = read => opened = read;
        NodeIdentity identity = await _machine.BootAsync();
        identity.InstanceId.ShouldBe("i-1");
        opened.ShouldBe(1);
        ShouldBeMine();
        _machine.ConsoleLines[0].ShouldBe($"NoCloud: /dev/{device} (cidata) is left: this machine's metadata comes from /dev/sr0 (cidata)");
        _machine.Get(NodePaths.Trace).ShouldContain($"/dev/{device} (cidata) is left");
    }

    [Fact]
    public async Task With_the_first_source_gone_another_one_is_left_and_the_copy_serves()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.EjectSeed();
        _machine.InsertSeedAt(TenantDisk, Strangers(), "instance-id: i-tenant\n", "sda");
        for (int boot = 0; boot < 2; boot++)
        {
            _machine.Reboot();
            (await _machine.BootAsync()).InstanceId.ShouldBe("i-1");
            ShouldBeMine();
            _machine.ConsoleLines[0].ShouldStartWith(
                "metadata left: NODE0005  NoCloud (/dev/sda, cidata): this machine's metadata comes from NoCloud (pci0000:00/0000:00:1f.2/0:0:0), "
                + "and this is another source; if that one is gone for good, run 'bootstrapper accept metadata' and reboot, or boot with node.accept=");
            _machine.ConsoleLines.ShouldContain("datasource copy of an earlier boot: no usable metadata was found on this boot");
        }
    }

    [Fact]
    public async Task The_same_drive_may_say_more_and_its_kernel_name_means_nothing()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.EjectSeed();
        _machine.InsertSeedAt(Cdrom.Replace("host0/target0:0:0/0:", "host4/target4:0:0/4:", StringComparison.Ordinal), More(), device: "sr1");
        await _machine.BootAsync();
        _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 BBBB you\n");
    }

    [Fact]
    public async Task A_disc_moved_to_another_drive_is_the_same_and_what_it_says_later_there_is_not()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.EjectSeed();
        _machine.InsertSeedAt(OtherCdrom, FakeMachine.EtcdUserData(), device: "sr1");
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldBe("datasource NoCloud (/dev/sr1, cidata) after 0.0 s");

        _machine.Reboot();
        _machine.InsertSeed(More(), device: "sr1");
        await _machine.BootAsync();
        _machine.ConsoleText.ShouldContain("NODE0005");
        ShouldBeMine();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_source_is_taken_once_the_first_is_gone_and_the_user_says_so(bool byWord)
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.EjectSeed();
        _machine.InsertSeedAt(OtherCdrom, More(), device: "sr1");
        await _machine.BootAsync();
        string word = _machine.ConsoleLines[0].Split("boot with ")[1].Split(' ')[0];
        if (byWord)
        {
            _machine.Put("/proc/cmdline", $"quiet {word}\n");
        }
        else
        {
            AcceptCommand.Run(_machine.Root, TextWriter.Null, NodePaths.AcceptMetadata);
        }

        for (int boot = 0; boot < 2; boot++)
        {
            _machine.Reboot();
            await _machine.BootAsync();
            _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 BBBB you\n");
            _machine.Has(NodePaths.AcceptMetadata).ShouldBeFalse();
        }

        // from now on that one is the machine's, and the first one is another
        _machine.Reboot();
        _machine.EjectSeed("sr1");
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.ConsoleText.ShouldContain("metadata left: NODE0005  NoCloud (/dev/sr0, cidata)");
    }

    [Fact]
    public async Task What_the_user_accepts_counts_for_nothing_while_the_first_source_is_there()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        AcceptCommand.Run(_machine.Root, TextWriter.Null, NodePaths.AcceptMetadata);
        _machine.Reboot();
        _machine.Put("/var/lib/cloud/seed/nocloud/user-data", Strangers()); // asked before volumes
        _machine.Put("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: i-tenant\n");
        await _machine.BootAsync();
        ShouldBeMine();
        _machine.Has(NodePaths.AcceptMetadata).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_can_write_the_seed_folder_does_not_become_the_source_of_a_machine_with_a_disc()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.Put("/var/lib/cloud/seed/nocloud/user-data", Strangers());
        _machine.Put("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: i-tenant\n");
        await _machine.BootAsync();
        ShouldBeMine();
        _machine.ConsoleText.ShouldContain("metadata left: NODE0005  NoCloud (/var/lib/cloud/seed/nocloud)");
    }

    [Fact]
    public async Task A_machine_that_remembers_no_source_takes_the_present_one_once()
    {
        _machine.InsertSeedAt(Cdrom, FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        File.Delete(_machine.Root[NodePaths.Memory]); // as an earlier image leaves it
        _machine.Reboot();
        _machine.EjectSeed();
        _machine.InsertSeedAt(OtherCdrom, More(), device: "sr1");
        await _machine.BootAsync();
        _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 BBBB you\n");
        new IdentityStore(_machine.Root).LoadMemory().Source!.Place.ShouldBe("pci0000:00/0000:00:1f.2/0:0:1");
    }

    [Theory]
    [InlineData("sr0", "sr1")]
    [InlineData("sr1", "sr0")]
    public async Task Two_volumes_that_differ_are_refused_by_name_whatever_their_order(string one, string two)
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData(), device: one);
        _machine.InsertSeed(FakeMachine.EtcdUserData(cluster: "other"), "instance-id: i-2\n", two);
        Task<NodeIdentity> boot = Task.Run(() => _machine.BootAsync());
        while (_machine.ConsoleLines.Length < 2)
        {
            await Task.Delay(5);
        }

        _machine.ConsoleLines[0].ShouldBe(
            "metadata refused: NODE0006  NoCloud: NoCloud (/dev/sr0, cidata) and NoCloud (/dev/sr1, cidata) say different things and none is taken; take out all but one");
        _machine.ConsoleLines[1].ShouldStartWith("waiting for metadata since 10 s; looked for: ");
        _machine.EjectSeed(two);
        (await boot).Cluster.ShouldBe("demo");
    }

    [Theory]
    [InlineData("#cloud-config\nhostname: web\n")]
    [InlineData("#!/bin/sh\necho hello\n")]
    public async Task A_volume_without_node_is_passed_over_where_another_has_it(string hypervisors)
    {
        _machine.InsertSeed(hypervisors, "instance-id: vm\n");
        _machine.InsertSeed(FakeMachine.EtcdUserData(), device: "sr1");
        (await _machine.BootAsync()).InstanceId.ShouldBe("i-1");
        _machine.ConsoleLines[0].ShouldBe(
            "NoCloud: NoCloud (/dev/sr0, cidata) has no 'node:' and is passed over: NoCloud (/dev/sr1, cidata) has it");
    }

    [Fact]
    public async Task Two_volumes_of_the_same_content_are_one()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        _machine.InsertSeed(FakeMachine.EtcdUserData(), device: "sr1");
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldBe("datasource NoCloud (/dev/sr0, cidata) after 0.0 s");
    }

    [Theory]
    [InlineData("platform/host3/session1/target3:0:0/3:0:0:1", "sdb")]
    [InlineData("virtual", "nbd0")]
    [InlineData("rbd/0", "rbd0")]
    public async Task A_volume_that_comes_over_the_network_is_not_looked_at(string bus, string device)
    {
        _machine.InsertSeedAt(bus, Strangers(), "instance-id: i-tenant\n", device);
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        (await _machine.BootAsync()).InstanceId.ShouldBe("i-1");
        _machine.ConsoleLines[0].ShouldBe($"NoCloud: not looked at, since they come over the network: {device}");
    }

    private static string Strangers() => FakeMachine.EtcdUserData().Replace("AAAA me", "CCCC stranger", StringComparison.Ordinal);

    private static string More() => FakeMachine.EtcdUserData().Replace("AAAA me", "BBBB you", StringComparison.Ordinal);

    private void ShouldBeMine() => _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 AAAA me\n");
}
