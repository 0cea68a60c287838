using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Makes the image in the other slot the next to start, for good: it was kept before.</summary>
internal static class Rollback
{
    /// <exception cref="BootFailure">There is no image that was kept.</exception>
    public static void Run(NodeRoot root, UpgradeSlots slots, TextWriter output)
    {
        SlotEntries entries = new(slots.EspFolder, _ => { });
        BootEntry? kept = entries.List()
            .Where(item => item.Slot == slots.Other && !item.Entry.IsCounted)
            .Select(item => item.Entry)
            .MaxBy(entry => entry.Number);
        if (kept is null || !File.Exists(Path.Join(slots.EspFolder, NodeEsp.ImageOf(slots.Other))))
        {
            throw new BootFailure(
                "NODE0812", $"slot {slots.Other}", "it holds no image that this machine has kept before",
                "upgrade to the image that you want instead");
        }

        BootEntry next = new() { Number = entries.NextNumber() };
        string title = entries.TitleOf(kept);
        entries.Add(next, title, slots.Other);
        (UpgradeMemory.Read(root) with { Pending = null }).Write(root);
        output.WriteLine($"the next boot starts {title} from slot {slots.Other} ({next})");
    }
}
