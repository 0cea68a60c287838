using Images.Bootstrapper.Upgrade;
using Images.Formats;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class SlotWriterTests : IDisposable
{
    private const int SmallBuffer = 16 << 10;

    private static readonly SampleImage _older = new(1, "0.0.9");
    private static readonly SampleImage _image = new(2);

    private readonly SampleMachine _machine = new();

    public static TheoryData<bool> BeforeIt => [false, true];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(BeforeIt))]
    public void What_was_written_is_whole_and_tried_next(bool holdsAnOlder)
    {
        Prepare(_machine, holdsAnOlder);

        Upgrade(_machine, _image, _ => { });

        _machine.Holds(_image).ShouldBeTrue();
        _machine.EntryNames.ShouldBe(["node-3.conf", "node-4+3.conf"]);
        _machine.Chosen().ShouldBe('b');
        File.ReadAllText(_machine["esp/loader/entries/node-4+3.conf"]).ShouldBe("title node 0.2.0\nversion 0004\nsort-key node\nefi /EFI/images/b.efi\n");
        File.ReadAllText(_machine["esp/EFI/images/a.efi"]).ShouldBe("kernel of before");
    }

    [Theory]
    [MemberData(nameof(BeforeIt))]
    public void A_cut_before_any_change_leaves_the_old_image_or_the_whole_new_one(bool holdsAnOlder)
    {
        int changes = CountChanges(holdsAnOlder);
        changes.ShouldBeGreaterThan(60);
        int old = 0;
        for (int cut = 0; cut < changes; cut++)
        {
            using SampleMachine machine = new();
            Prepare(machine, holdsAnOlder);

            Should.Throw<PowerCutException>(() => Upgrade(machine, _image, Cut(cut)));

            RequireSound(machine, holdsAnOlder, ref old);
        }

        old.ShouldBe(changes - 1, "all but the sync after the rename");
    }

    [Fact]
    public void A_delta_makes_the_same_of_the_running_image_and_a_cut_before_any_change_leaves_the_old_one_or_the_new()
    {
        byte[] delta = _image.PackDelta(_image); // all of it copied
        delta.Length.ShouldBeLessThan(20_000);
        int changes = 0, old = 0;
        _machine.Runs(_image);
        Upgrade(_machine, delta, _ => changes++);
        _machine.Holds(_image).ShouldBeTrue();
        _machine.Chosen().ShouldBe('b');
        for (int cut = 0; cut < changes; cut += 3)
        {
            using SampleMachine machine = new();
            machine.Runs(_image);
            Should.Throw<PowerCutException>(() => Upgrade(machine, delta, Cut(cut)));
            RequireSound(machine, heldAnOlder: false, ref old);
        }
    }

    [Fact]
    public void A_delta_from_another_image_makes_nothing()
    {
        _machine.Runs(_older);
        Should.Throw<MalformedDataException>(() => Upgrade(_machine, _image.PackDelta(_image), _ => { })).Message.ShouldContain("SHA-256");
        RequireNothingLeft();
    }

    [Fact]
    public void A_delta_needs_a_file_to_copy_from()
    {
        using MemoryStream stream = new(_image.PackDelta(_older));
        using UpgradeArtefact artefact = UpgradeArtefact.Open(stream, "delta");
        Refuse(artefact.Manifest, _machine.Slots, "NODE0807");
    }

    [Fact]
    public void A_cut_upgrade_is_done_again_and_leaves_nothing_behind()
    {
        int changes = CountChanges(holdsAnOlder: false);
        for (int cut = 0; cut < changes; cut += 7)
        {
            using SampleMachine machine = new();
            Should.Throw<PowerCutException>(() => Upgrade(machine, _image, Cut(cut)));

            Upgrade(machine, _older, _ => { });

            machine.Holds(_older).ShouldBeTrue();
            machine.Chosen().ShouldBe('b');
            machine.EntryNames.Length.ShouldBe(2, string.Join(' ', machine.EntryNames));
        }
    }

    [Fact]
    public void The_top_of_the_tree_is_written_last_so_that_a_torn_slot_never_begins_like_the_image()
    {
        Prepare(_machine, holdsAnOlder: false);
        List<string> steps = [];
        Upgrade(_machine, _image, step =>
        {
            steps.Add(step);
            if (step != "sync: write the top of the tree" && !steps.Contains(step + " done"))
            {
                bool top = steps.Contains("sync: write the top of the tree");
                _machine.SlotBegins(_image).ShouldBe(top, step);
            }
        });

        steps.IndexOf("sync the root").ShouldBeLessThan(steps.IndexOf("write the top of the tree"));
        steps.LastIndexOf("write the root").ShouldBeLessThan(steps.IndexOf("sync the root"));
    }

    [Fact]
    public void A_root_that_arrives_damaged_is_taken_away_and_the_old_image_stays()
    {
        Prepare(_machine, holdsAnOlder: true);
        byte[] root = [.. _image.Root];
        root[^5000] ^= 1;

        Should.Throw<MalformedDataException>(() => Upgrade(_machine, _image.Pack(_image.Manifest, root), _ => { }))
            .Message.ShouldContain("SHA-256");

        RequireNothingLeft();
    }

    [Fact]
    public void An_upgrade_that_ends_early_is_taken_away()
    {
        byte[] packed = _image.Pack();

        Should.Throw<Exception>(() => Upgrade(_machine, packed[..(packed.Length / 2)], _ => { }))
            .ShouldSatisfyAllConditions(e => (e is MalformedDataException or EndOfStreamException).ShouldBeTrue(e.GetType().Name));

        RequireNothingLeft();
    }

    [Fact]
    public void A_source_that_is_not_what_was_promised_is_taken_away_before_anything_starts_it()
    {
        Should.Throw<MalformedDataException>(() => Upgrade(
            _machine, _image.Pack(), _ => { }, () => throw new MalformedDataException("url", -1, "another digest.")));

        RequireNothingLeft();
    }

    [Fact]
    public void A_root_that_was_baked_with_another_hash_than_it_says_is_not_taken()
    {
        UpgradeManifest lies = _image.Manifest with { RootHash = new string('a', 64) };

        Should.Throw<BootFailure>(() => Upgrade(_machine, _image.Pack(lies, _image.Root), _ => { })).Code.ShouldBe("NODE0810");

        RequireNothingLeft();
    }

    [Fact]
    public void A_disk_that_gives_back_other_bytes_is_noticed()
    {
        Should.Throw<BootFailure>(() => Upgrade(_machine, _image, step =>
        {
            if (step == "sync: write the top of the tree")
            {
                using FileStream slot = new(_machine["b.root"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                slot.Position = 12_345;
                slot.WriteByte(1);
                slot.Position = 12_346;
                slot.WriteByte(1);
            }
        })).Code.ShouldBe("NODE0810");

        RequireNothingLeft();
    }

    [Fact]
    public void A_kernel_image_that_reads_back_otherwise_is_noticed()
    {
        Should.Throw<BootFailure>(() => Upgrade(_machine, _image, step =>
        {
            if (step == "sync the root")
            {
                File.AppendAllText(_machine["esp/EFI/images/b.efi"], "x");
            }
        })).Message.ShouldContain("reads back otherwise");

        RequireNothingLeft();
    }

    [Fact]
    public void A_full_disk_fails_and_what_was_written_is_taken_away()
    {
        int writes = 0;
        Should.Throw<IOException>(() => Upgrade(_machine, _image, step =>
        {
            if (step == "write the root" && ++writes == 5)
            {
                throw new IOException("No space left on device");
            }
        }));

        RequireNothingLeft();
    }

    [Fact]
    public void An_image_larger_than_the_slot_is_refused_before_the_first_change()
    {
        Refuse(_image.Manifest with { SlotBytes = SampleMachine.SlotBytes + 1 }, _machine.Slots);
        Refuse(_image.Manifest, _machine.Slots with { OtherBytes = _image.Root.Length - 1 });
    }

    [Fact]
    public void A_kernel_image_that_does_not_fit_beside_the_running_one_is_refused() =>
        Refuse(_image.Manifest, _machine.Slots with { EspFreeBytes = _image.Uki.Length });

    [Fact]
    public void The_kernel_image_that_it_replaces_makes_room()
    {
        _machine.Put("esp/EFI/images/b.efi", new byte[2 << 20]);

        new SlotWriter(_machine.Slots with { EspFreeBytes = 0 }, _ => { }, _ => { }).RequireRoom(_image.Manifest);
    }

    [Fact]
    public void What_others_left_on_the_partition_is_swept_and_what_is_theirs_stays()
    {
        _machine.Put("esp/loader/entries/node-9+3.conf.tmp", [1]);
        _machine.Put("esp/loader/entries/node-8+3.conf", "title torn"u8.ToArray());
        _machine.Put("esp/FSCK0000.REC", [1]);
        _machine.Put("esp/loader/entries/memtest.conf", "title memtest\nefi /memtest.efi\n"u8.ToArray());

        Upgrade(_machine, _image, _ => { });

        _machine.EntryNames.ShouldBe(["memtest.conf", "node-3.conf", "node-9+3.conf"], "a number that a torn entry had does not come again");
        File.Exists(_machine["esp/FSCK0000.REC"]).ShouldBeFalse();
    }

    [Fact]
    public void A_large_root_takes_no_more_memory_than_a_small_one()
    {
        SampleImage large = new(3, dataBlocks: 4096);
        string packed = _machine["packed"];
        File.WriteAllBytes(packed, large.Pack());
        UpgradeSlots slots = _machine.Slots with { OtherBytes = 64 << 20 };
        SlotWriter writer = new(slots, _ => { }, _ => { });
        using FileStream stream = File.OpenRead(packed);
        using UpgradeArtefact artefact = UpgradeArtefact.Open(stream, "packed");
        long before = GC.GetTotalAllocatedBytes(precise: true);

        writer.Write(artefact, () => { });

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(12 << 20, "the root has 16 MiB");
        _machine.Holds(large).ShouldBeTrue();
    }

    private static void Prepare(SampleMachine machine, bool holdsAnOlder)
    {
        if (holdsAnOlder)
        {
            machine.HoldsAnOlderImage(_older);
        }
    }

    private static void Upgrade(SampleMachine machine, SampleImage image, Action<string> before) =>
        Upgrade(machine, image.Pack(), before);

    private static void Upgrade(SampleMachine machine, byte[] packed, Action<string> before, Action? source = null)
    {
        SlotWriter writer = new(machine.Slots, _ => { }, before) { BufferBytes = SmallBuffer };
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new TricklingStream(new MemoryStream(packed), 7_001), "sample");
        int number = machine.Entries.NextNumber();
        writer.RequireRoom(artefact.Manifest);
        writer.Write(artefact, source ?? (() => { }));
        writer.Arm($"{artefact.Manifest.Name} {artefact.Manifest.Version}", number);
    }

    private static int CountChanges(bool holdsAnOlder)
    {
        using SampleMachine machine = new();
        Prepare(machine, holdsAnOlder);
        int changes = 0;
        Upgrade(machine, _image, _ => changes++);
        return changes;
    }

    /// <summary>From that change on nothing is written, neither by a clean-up.</summary>
    private static Action<string> Cut(int change)
    {
        int changes = 0;
        return step =>
        {
            if (changes++ >= change)
            {
                throw new PowerCutException(step);
            }
        };
    }

    private static void RequireSound(SampleMachine machine, bool heldAnOlder, ref int old)
    {
        foreach ((BootEntry entry, char slot) in machine.Entries.List().Where(item => item.Slot == 'b'))
        {
            (machine.Holds(_image) || (heldAnOlder && entry.Number == 2 && machine.Holds(_older))).ShouldBeTrue($"{entry} leads to slot {slot}");
        }

        if (machine.Chosen() == 'a')
        {
            old++;
            File.ReadAllBytes(machine["esp/EFI/images/a.efi"]).ShouldBe(machine.Kernel);
        }
    }

    private void Refuse(UpgradeManifest manifest, UpgradeSlots slots, string code = "NODE0805")
    {
        _machine.HoldsAnOlderImage(_older);
        Should.Throw<BootFailure>(() => new SlotWriter(slots, _ => { }, step => throw new PowerCutException(step)).RequireRoom(manifest))
            .Code.ShouldBe(code);
        _machine.Holds(_older).ShouldBeTrue();
        _machine.EntryNames.ShouldBe(["node-2.conf", "node-3.conf"]);
    }

    private void RequireNothingLeft()
    {
        _machine.EntryNames.ShouldBe(["node-3.conf"]);
        File.Exists(_machine["esp/EFI/images/b.efi"]).ShouldBeFalse();
        _machine.SlotBegins(_image).ShouldBeFalse();
    }

    /// <summary>None of the kinds that anybody handles: who is without power cleans nothing up.</summary>
    private sealed class PowerCutException(string step) : Exception(step);
}
