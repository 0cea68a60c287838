namespace Images.NodeConfig.Upgrades;

/// <summary>
/// What the boot loader does with entries of ours, as systemd-boot 257 does it. Where no loader is, a launcher does
/// the same by these functions.
/// </summary>
public static class BootEntries
{
    /// <summary>How often a new image is tried. One may be lost to a person who cuts the power.</summary>
    public const int Tries = 3;

    /// <summary>
    /// What the loader starts: the newest of those that were not given up, else the newest of all; null for none.
    /// </summary>
    public static BootEntry? Choose(IEnumerable<BootEntry> entries) => entries
        .OrderBy(entry => entry.IsBad)
        .ThenByDescending(entry => entry.Number)
        .ThenByDescending(entry => entry.TriesLeft ?? int.MaxValue)
        .ThenBy(entry => entry.TriesDone)
        .FirstOrDefault();

    /// <summary>Its name while it runs: the loader takes a try away before it starts the kernel.</summary>
    public static BootEntry Count(BootEntry entry) => entry.TriesLeft is > 0 and int left
        ? entry with { TriesLeft = left - 1, TriesDone = entry.TriesDone + 1 }
        : entry;

    /// <summary>Its name once the image is kept.</summary>
    public static BootEntry Blessed(BootEntry entry) => entry with { TriesLeft = null, TriesDone = 0 };
}
