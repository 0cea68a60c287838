using Images.NodeConfig.Upgrades;

namespace Images.NodeConfig.Tests.Upgrades;

public sealed class BootEntryTests
{
    [Theory]
    [InlineData("node-1.conf", 1, null, 0)]
    [InlineData("node-7+2.conf", 7, 2, 0)]
    [InlineData("node-7+1-1.conf", 7, 1, 1)]
    [InlineData("node-8+0-1.conf", 8, 0, 1)]
    [InlineData("node-999999+3.conf", 999_999, 3, 0)]
    public void A_name_is_read_and_printed_alike(string name, int number, int? left, int done)
    {
        Assert.True(BootEntry.TryParse(name, out BootEntry? entry));
        Assert.Equal(new BootEntry { Number = number, TriesLeft = left, TriesDone = done }, entry);
        Assert.Equal(name, entry.FileName);
    }

    [Theory]
    [InlineData("node-.conf")]
    [InlineData("node-0.conf")]
    [InlineData("node-07.conf")]
    [InlineData("node-7+.conf")]
    [InlineData("node-7+03.conf")]
    [InlineData("node-7+3-.conf")]
    [InlineData("node-7+3-0.conf")]
    [InlineData("node-7+3-1-1.conf")]
    [InlineData("node-7+3+1.conf")]
    [InlineData("node-7-1.conf")]
    [InlineData("node-7.conf.tmp")]
    [InlineData("node-1000000.conf")]
    [InlineData("node-99999999999999999999.conf")]
    [InlineData("node-٣.conf")]
    [InlineData("other-7.conf")]
    [InlineData("node-conf")]
    [InlineData("node.conf")]
    public void Another_name_is_none_of_ours(string name) => Assert.False(BootEntry.TryParse(name, out _));

    [Theory]
    [InlineData("node-2+3.conf", "node-1.conf node-2+3.conf")] // newly installed
    [InlineData("node-2+1-2.conf", "node-1.conf node-2+1-2.conf")]
    [InlineData("node-1.conf", "node-1.conf node-2+0-3.conf")] // given up
    [InlineData("node-9.conf", "node-9.conf node-8.conf")]
    [InlineData("node-10.conf", "node-9.conf node-10.conf")] // by number, not by letters
    [InlineData("node-4+0-3.conf", "node-3+0-3.conf node-4+0-3.conf")] // nothing else is left
    public void The_loader_takes_the_newest_that_was_not_given_up(string chosen, string names) =>
        Assert.Equal(chosen, BootEntries.Choose(names.Split(' ').Select(Entry))!.FileName);

    [Fact]
    public void Of_no_entries_none_is_chosen() => Assert.Null(BootEntries.Choose([]));

    [Theory]
    [InlineData("node-2+3.conf", "node-2+2-1.conf")]
    [InlineData("node-2+2-1.conf", "node-2+1-2.conf")]
    [InlineData("node-2+1-2.conf", "node-2+0-3.conf")]
    [InlineData("node-7+1.conf", "node-7+0-1.conf")]
    [InlineData("node-2+0-3.conf", "node-2+0-3.conf")]
    [InlineData("node-2.conf", "node-2.conf")]
    public void The_loader_takes_a_try_away_before_it_starts_the_kernel(string before, string after) =>
        Assert.Equal(after, BootEntries.Count(Entry(before)).FileName);

    [Theory]
    [InlineData("node-7+1-1.conf")]
    [InlineData("node-7+0-3.conf")]
    [InlineData("node-7.conf")]
    public void A_blessed_entry_counts_no_more(string before) =>
        Assert.Equal("node-7.conf", BootEntries.Blessed(Entry(before)).FileName);

    [Fact]
    public void An_image_that_never_gets_well_is_tried_three_times_and_then_the_old_one_is_back()
    {
        BootEntry old = Entry("node-1.conf");
        BootEntry tried = new() { Number = 2, TriesLeft = BootEntries.Tries };
        int boots = 0;
        while (BootEntries.Choose([old, tried])!.Number == 2)
        {
            tried = BootEntries.Count(tried);
            boots++;
        }

        Assert.Equal(3, boots);
        Assert.Equal("node-2+0-3.conf", tried.FileName);
    }

    [Fact]
    public void The_text_names_the_slots_kernel_image()
    {
        byte[] text = BootEntryText.Of("node 0.2.0", 12, 'b');

        Assert.Equal(
            "title node 0.2.0\nversion 0012\nsort-key node\nefi /EFI/images/b.efi\n"u8.ToArray(), text);
        Assert.Equal('b', BootEntryText.SlotOf(text));
        Assert.Equal("node 0.2.0", BootEntryText.TitleOf(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("title node\nversion 0002\nsort-key node\nefi /EFI/ima")]
    [InlineData("efi /EFI/images/c.efi\n")]
    public void A_torn_or_foreign_text_starts_no_slot_of_ours(string text) =>
        Assert.Null(BootEntryText.SlotOf(System.Text.Encoding.UTF8.GetBytes(text)));

    private static BootEntry Entry(string name) =>
        BootEntry.TryParse(name, out BootEntry? entry) ? entry : throw new ArgumentException(name);
}
