using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class ImageOnTrialTests : IDisposable
{
    private const string Counted = "LoaderBootCountPath";
    private const string Selected = "LoaderEntrySelected";

    private static readonly DateTimeOffset _then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly FakeMachine _machine = new();

    public ImageOnTrialTests() =>
        _machine.Put(NodePaths.ImageDescription, """{"name":"node","version":"0.2.0","sourceDate":1767323045}""");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_boot_whose_tries_are_counted_is_on_trial_until_its_image_is_kept()
    {
        Firmware(Counted, @"\loader\entries\node-7+2-1.conf");
        Firmware(Selected, "node-7.conf");
        RootFrom("root-b");
        BootTrial.Counted(_machine.Root).ShouldBe(new BootEntry { Number = 7, TriesLeft = 2, TriesDone = 1 });
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0, slot b, node-7+2-1.conf, on trial");

        _machine.Put(NodePaths.Blessed, "");

        BootTrial.IsOnTrial(_machine.Root).ShouldBeFalse();
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0, slot b, node-7.conf");
    }

    [Fact]
    public async Task In_a_container_its_launcher_says_what_runs()
    {
        _machine.Put(NodePaths.InContainer, "images");
        BootTrial.Counted(_machine.Root).ShouldBeNull();
        MachineSlots.RunningSlot(_machine.Root).ShouldBeNull();
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0");

        _machine.Put(NodePaths.ContainerBoot, $"slot b\nroot-hash {new string('1', 64)}\nentry node-2+2-1.conf\ncounted node-2+2-1.conf\n");
        _machine.Put(NodePaths.ContainerSlots + "/esp/loader/entries/node-2+2-1.conf", "");
        BootTrial.Counted(_machine.Root).ShouldBe(new BootEntry { Number = 2, TriesLeft = 2, TriesDone = 1 });
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0, slot b, node-2+2-1.conf, on trial");
        (await RunningRoot.HashAsync(_machine.Root, TestContext.Current.CancellationToken)).ShouldBe(new string('1', 64));
        using MachineSlots slots = await MachineSlots.OpenAsync(_machine.Root, TestContext.Current.CancellationToken);
        slots.Slots.OtherRoot.ShouldBe(_machine.Root[NodePaths.ContainerSlots + "/root-a"]);

        _machine.Put(NodePaths.ContainerBoot, $"slot a\nroot-hash {new string('1', 64)}\nentry node-1.conf\n");
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0, slot a, node-1.conf");
    }

    [Theory]
    [InlineData("node-1.conf", "0.2.0, slot a, node-1.conf")]
    [InlineData("node_0.2.0.efi", "0.2.0, slot a, node_0.2.0.efi")] // baked before there were slots
    [InlineData(null, "0.2.0, slot a")] // a BIOS
    public void Another_boot_is_not(string? entry, string expected)
    {
        if (entry is not null)
        {
            Firmware(Selected, entry);
        }

        RootFrom("root-a");
        BootTrial.IsOnTrial(_machine.Root).ShouldBeFalse();
        ImageLook.Read(_machine.Root).Describe().ShouldBe(expected);
    }

    [Theory]
    [InlineData(@"\loader\entries\other+2-1.conf")]
    [InlineData(@"\EFI\Linux\node_0.2.0+2-1.efi")]
    [InlineData("")]
    public void An_entry_that_is_not_of_an_upgrade_is_nobodys_trial(string path)
    {
        Firmware(Counted, path);
        BootTrial.IsOnTrial(_machine.Root).ShouldBeFalse();
    }

    [Fact]
    public void In_a_container_the_firmware_is_the_hosts()
    {
        Firmware(Counted, @"\loader\entries\node-7+2-1.conf");
        RootFrom("root-b");
        _machine.Put(NodePaths.InContainer, "");
        BootTrial.IsOnTrial(_machine.Root).ShouldBeFalse();
        ImageLook.Read(_machine.Root).Describe().ShouldBe("0.2.0");
    }

    [Fact]
    public async Task Status_and_why_say_which_image_runs_and_that_it_is_on_trial()
    {
        Firmware(Counted, @"\loader\entries\node-2+2-1.conf");
        RootFrom("root-b");
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json: false);
        WhyCommand.Run(_machine.Root, output, json: false);
        output.ToString().ShouldContain("\nimage     0.2.0, slot b, node-2+2-1.conf, on trial\n");
        output.ToString().ShouldContain(" s image 0.2.0, slot b, node-2+2-1.conf, on trial\n");
    }

    [Fact]
    public async Task What_was_given_up_is_in_the_status_with_its_reason_and_its_last_words()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Put("/var/lib/systemd/pstore/1/dmesg.txt", "one\ntwo\nKernel panic - not syncing: dm-verity\n");
        UpgradeMemory memory = new() { Pending = Staged(7) with { Fault = "NODE0814  image 0.3.0: x.service has failed" } };

        Outcome().Judge(memory, memory.Pending, new BootEntry { Number = 7, TriesLeft = 0, TriesDone = 3 });

        UpgradeMemory.Read(_machine.Root).Pending.ShouldBeNull();
        UpgradeMemory.Read(_machine.Root).FailedAs(Staged(7).RootHash).ShouldNotBeNull();
        _machine.ConsoleText.ShouldContain(
            "image 0.3.0 was tried 3 times and given up: NODE0814  image 0.3.0: x.service has failed; the image before runs again");
        _machine.ConsoleText.ShouldContain("last words: Kernel panic - not syncing: dm-verity");
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json: false);
        output.ToString().ShouldContain("upgrade   image 0.3.0 was tried 3 times and given up: NODE0814  image 0.3.0: x.service has failed\n");
        output.ToString().ShouldContain("its end   Kernel panic - not syncing: dm-verity\n");
        using StringWriter json = new();
        StatusCommand.Run(_machine.Root, json, json: true);
        using JsonDocument document = JsonDocument.Parse(json.ToString());
        JsonElement image = document.RootElement.GetProperty("image");
        image.GetProperty("version").GetString().ShouldBe("0.2.0");
        image.GetProperty("onTrial").GetBoolean().ShouldBeFalse();
        image.GetProperty("givenUp").GetString()!.ShouldContain("x.service has failed");
    }

    [Fact]
    public void An_image_that_may_still_be_tried_is_neither_kept_nor_given_up()
    {
        UpgradeMemory memory = new() { Pending = Staged(7) };
        memory.Write(_machine.Root);
        Outcome().Judge(memory, memory.Pending, new BootEntry { Number = 7, TriesLeft = 1, TriesDone = 2 });
        UpgradeMemory.Read(_machine.Root).Pending!.Number.ShouldBe(7);
        _machine.ConsoleText.ShouldBeEmpty();
    }

    [Fact]
    public void An_upgrade_that_was_cut_before_its_entry_was_there_has_changed_nothing()
    {
        UpgradeMemory memory = new() { Pending = Staged(7) };
        Outcome().Judge(memory, memory.Pending, entry: null);
        UpgradeMemory.Read(_machine.Root).Pending.ShouldBeNull();
        UpgradeMemory.Read(_machine.Root).Failed.ShouldBeEmpty();
        _machine.ConsoleText.ShouldContain("cut short and has changed nothing");
    }

    [Fact]
    public void A_crash_of_before_the_upgrade_is_not_its_crash()
    {
        _machine.Put("/var/lib/systemd/pstore/1/dmesg.txt", "another day\n");
        File.SetLastWriteTimeUtc(_machine.Root["/var/lib/systemd/pstore/1/dmesg.txt"], _then.UtcDateTime.AddDays(-1));
        UpgradeMemory memory = new() { Pending = Staged(7) };
        Outcome().Judge(memory, memory.Pending, new BootEntry { Number = 7, TriesLeft = 0, TriesDone = 3 });
        _machine.ConsoleText.ShouldContain("it left no reason");
        _machine.ConsoleText.ShouldNotContain("last words");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)] // haproxy has another word for its version
    [InlineData(126, true)]
    [InlineData(127, true)] // the dynamic linker, without a library
    [InlineData(132, true)] // SIGILL
    public void A_program_that_cannot_begin_is_told_from_one_that_dislikes_its_arguments(int exitCode, bool cannot) =>
        ImageHealth.CannotStart(exitCode).ShouldBe(cannot);

    [Theory]
    [InlineData("{ path=/usr/bin/etcd ; argv[]=/usr/bin/etcd ; ignore_errors=no ; pid=0 }", "/usr/bin/etcd")]
    [InlineData("{ path=/usr/lib/bootstrapper/bootstrapper ; argv[]=/usr/lib/bootstrapper/bootstrapper agent }", null)]
    [InlineData("", null)]
    public void The_program_of_a_unit_is_read_from_what_systemd_shows(string shown, string? program) =>
        ImageHealth.ProgramOf(shown).ShouldBe(program);

    private UpgradeOutcome Outcome() => new(_machine.Root, _machine.Console, TimeProvider.System);

    private static StagedImage Staged(int number) => new()
    {
        Number = number,
        Version = "0.3.0",
        RootHash = new string('5', 64),
        Slot = 'b',
        Since = _then,
    };

    private void Firmware(string name, string text) => _machine.Put(
        $"/sys/firmware/efi/efivars/{name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
        [6, 0, 0, 0, .. Encoding.Unicode.GetBytes(text + "\0")]);

    private void RootFrom(string slot)
    {
        _machine.Put("/sys/block/dm-0/slaves/vda4/size", "1\n");
        _machine.Put("/sys/class/block/vda4/size", "2048\n");
        _machine.Put("/dev/vda4", new byte[65536]);
        _machine.Put("/sys/class/block/vda4/uevent", $"DEVNAME=vda4\nPARTNAME={slot}\n");
    }
}
