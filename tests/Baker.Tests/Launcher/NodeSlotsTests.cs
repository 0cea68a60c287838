using Images.Launcher;
using Images.Launcher.Clusters;
using Images.Launcher.Hosts;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Baker.Tests.Launcher;

/// <summary>What the launcher chooses for a node, whose own root wrote all that it chooses from.</summary>
public sealed class NodeSlotsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IdRange _ids = HostCheck.RequireIds();
    private readonly NodeSlots _slots;

    public NodeSlotsTests()
    {
        _slots = new NodeSlots(_folder["slots"], _ids);
        _slots.Prepare("root of before");
    }

    [Fact]
    public void A_new_node_starts_with_the_root_that_it_came_with()
    {
        NodeBoot boot = _slots.Choose();
        boot.ShouldBe(new NodeBoot(new BootEntry { Number = 1 }, 'a', RootFile: null));
        boot.Words("abc").ShouldBe("slot a\nroot-hash abc\nentry node-1.conf\n");
    }

    [Fact]
    public void An_image_on_trial_is_tried_three_times_and_then_the_one_before_starts()
    {
        Entry("node-2+3.conf", 'b');
        File.WriteAllText(Slot('b'), "root");
        for (int left = 2; left >= 0; left--)
        {
            NodeBoot boot = _slots.Choose();
            boot.Entry.FileName.ShouldBe($"node-2+{left}-{3 - left}.conf");
            (boot.Slot, boot.RootFile, boot.IsCounted).ShouldBe(('b', Slot('b'), true));
            boot.Words("abc").ShouldEndWith($"counted node-2+{left}-{3 - left}.conf\n");
        }

        (_slots.Choose() is { Slot: 'a', IsCounted: false }).ShouldBeTrue();
        EntryNames.ShouldBe(["node-1.conf", "node-2+0-3.conf"]);
    }

    [Fact]
    public void What_was_kept_starts_and_is_not_counted()
    {
        Entry("node-2.conf", 'b');
        File.WriteAllText(Slot('b'), "root");
        _slots.Prepare("root of before");
        (_slots.Choose() is { Slot: 'b', IsCounted: false }).ShouldBeTrue();
        EntryNames.ShouldBe(["node-1.conf", "node-2.conf"]);
    }

    [Fact]
    public void A_cluster_with_another_image_and_a_wiped_node_begin_anew()
    {
        Entry("node-2.conf", 'b');
        File.WriteAllText(Slot('b'), "root");
        _slots.Prepare("another root");
        _slots.Choose().Slot.ShouldBe('a');
        File.Exists(Slot('b')).ShouldBeFalse();

        Entry("node-2.conf", 'b');
        _slots.Remove();
        _slots.Prepare("another root");
        EntryNames.ShouldBe(["node-1.conf"]);
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "rm -r esp && ln -s /etc esp", "no boot entry" },
        { "rm -r esp/loader && ln -s /usr esp/loader", "no boot entry" },
        { "rm -r esp/loader/entries && ln -s $OLDPWD esp/loader/entries", "no boot entry" },
        { "cd esp/loader/entries && rm node-1.conf && ln -s /etc/hostname node-1.conf", "no boot entry" },
        { "cd esp/loader/entries && rm node-1.conf && mkfifo node-1.conf", "no boot entry" },
        { "cd esp/loader/entries && head -c 5000 /dev/zero >node-1.conf", "no boot entry" },
        { "cd esp/loader/entries && mkdir node-2+2-1.conf && mv node-1.conf node-2+3.conf", "" },
        { "ln -s /etc/shadow root-a", "root-a is no file" },
        { "mkfifo root-a", "root-a is no file" },
        { "truncate --size=2G root-a", "root-a is no file" },
        { "mkdir root-a", "root-a is no file" },
        { "ln -s nowhere root-a", "root-a is no file" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_no_slot_of_ours_is_refused_and_neither_followed_nor_waited_for(string made, string said)
    {
        Judge.Run("sh", "-c", $"cd '{_folder["slots"]}' && {made}");
        LauncherException refused = Should.Throw<LauncherException>(() => _slots.Choose());
        refused.Code.ShouldBe("BAKE0925");
        refused.Message.ShouldContain(said);
    }

    public void Dispose() => _folder.Dispose();

    private string[] EntryNames => [.. Directory.EnumerateFiles(Entries).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private string Entries => Path.Combine(_folder["slots"], "esp", NodeEsp.EntriesFolder);

    private string Slot(char slot) => Path.Combine(_folder["slots"], $"root-{slot}");

    private void Entry(string name, char slot) =>
        File.WriteAllBytes(Path.Combine(Entries, name), BootEntryText.Of("node", 2, slot));
}
