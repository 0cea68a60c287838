// A start and the slots that it was chosen from, read together.
#pragma warning disable MA0048
using System.Globalization;
using System.Text;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;
using Images.NodeConfig.Upgrades;

namespace Images.Launcher.Clusters;

/// <summary>What a node starts with, as a machine's boot loader would have chosen.</summary>
/// <param name="Entry">Under its name while it runs: a try is taken away already.</param>
/// <param name="Slot">a or b.</param>
/// <param name="RootFile">Where its root lies; null for the one that the node came with.</param>
internal sealed record NodeBoot(BootEntry Entry, char Slot, string? RootFile)
{
    /// <summary>Whether the image is on trial.</summary>
    public bool IsCounted => Entry.IsCounted;

    /// <summary>What the node is told of this start: a word and its value a line.</summary>
    public string Words(string rootHash)
    {
        StringBuilder words = new();
        words.Append(CultureInfo.InvariantCulture, $"slot {Slot}\n");
        words.Append(CultureInfo.InvariantCulture, $"root-hash {rootHash}\n");
        words.Append(CultureInfo.InvariantCulture, $"entry {Entry}\n");
        if (IsCounted)
        {
            words.Append(CultureInfo.InvariantCulture, $"counted {Entry}\n");
        }

        return words.ToString();
    }
}

/// <summary>
/// The two slots of a node as files, and the choice among them, which on a machine is the boot loader's:
/// <c>esp/loader/entries/node-N.conf</c> as on an EFI system partition, <c>root-a</c> and <c>root-b</c> as in
/// partitions. The node's root writes all of it, so nothing there is believed or followed: links are refused, files are
/// small or read by who checks them. Nobody writes while the node does not run, and only then this is asked.
/// </summary>
/// <param name="folder">Of the slots; what belongs to the launcher stands beside it.</param>
/// <param name="ids">The node's.</param>
internal sealed class NodeSlots(string folder, IdRange ids)
{
    /// <summary>As much as the slot of a baked disk holds.</summary>
    public const long SlotBytes = 1L << 30;

    private const int MostEntries = 256;

    private readonly string _esp = Path.Combine(folder, "esp");

    /// <summary>Which root the node came with; the node cannot write it.</summary>
    private string Origin => folder + ".origin";

    /// <summary>
    /// Makes them where there are none, or where the node comes with another root than before: as if its disk had been
    /// written anew.
    /// </summary>
    /// <param name="origin">Name of the root that slot a then holds.</param>
    public void Prepare(string origin)
    {
        if (Directory.Exists(folder) && File.Exists(Origin) && File.ReadAllText(Origin) == origin)
        {
            return;
        }

        Remove();
        ClusterPaths.CreateFor(folder, ids);
        string place = _esp;
        ClusterPaths.CreateFor(place, ids);
        foreach (string part in NodeEsp.EntriesFolder.Split('/'))
        {
            place = Path.Combine(place, part);
            ClusterPaths.CreateFor(place, ids);
        }

        string entry = Path.Combine(_esp, NodeEsp.FirstEntry);
        File.WriteAllBytes(entry, BootEntryText.Of("node", 1, 'a'));
        LinuxCalls.ChangeOwner(entry, ids.Root, ids.RootGroup);
        File.WriteAllText(Origin, origin);
    }

    /// <summary>Chooses, and takes a try away from an image on trial, as systemd-boot does.</summary>
    /// <exception cref="LauncherException">There is no entry, or what stands there is not ours.</exception>
    public NodeBoot Choose()
    {
        try
        {
            (BootEntry Entry, char Slot)[] entries = [.. List()];
            BootEntry chosen = BootEntries.Choose(entries.Select(item => item.Entry))
                ?? throw Refuse("no boot entry of ours is there.");
            BootEntry running = BootEntries.Count(chosen);
            if (running != chosen)
            {
                File.Move(PathOf(chosen), PathOf(running), overwrite: true);
            }

            char slot = entries.First(item => item.Entry == chosen).Slot;
            return new NodeBoot(running, slot, RootOf(slot));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse(e.Message);
        }
    }

    /// <summary>A blank disk: the root that the node came with, and nothing else.</summary>
    public void Remove()
    {
        File.Delete(Origin);
        if (Directory.Exists(folder))
        {
            InRange.Run(ids, ["/bin/rm", "-rf", "--one-file-system", folder], TimeSpan.FromMinutes(2));
        }
    }

    private string PathOf(BootEntry entry) => Path.Combine(_esp, NodeEsp.EntriesFolder, entry.FileName);

    private IEnumerable<(BootEntry Entry, char Slot)> List()
    {
        string place = _esp;
        foreach (string part in NodeEsp.EntriesFolder.Split('/').Prepend("."))
        {
            place = Path.Combine(place, part);
            if (!Directory.Exists(place) || IsLink(place))
            {
                yield break;
            }
        }

        foreach (string file in Directory.EnumerateFiles(place).Take(MostEntries))
        {
            if (BootEntry.TryParse(Path.GetFileName(file), out BootEntry? entry)
                && IsPlain(file, BootEntryText.MaximumBytes)
                && BootEntryText.SlotOf(File.ReadAllBytes(file)) is { } slot)
            {
                yield return (entry, slot);
            }
        }
    }

    private string? RootOf(char slot)
    {
        string file = Path.Combine(folder, $"root-{slot}");
        return IsPlain(file, SlotBytes) ? file
            : slot == 'a' && !Path.Exists(file) ? null
            : throw Refuse($"root-{slot} is no file of at most {SlotBytes} bytes.");
    }

    private LauncherException Refuse(string what) => new(
        "BAKE0925", folder, what, "Wipe the node: it then starts with the image that it came with.");

    /// <summary>No link, folder, pipe or socket: the last two have no length.</summary>
    private static bool IsPlain(string file, long mostBytes) =>
        new FileInfo(file) is { Exists: true, Length: > 0 } info && info.Length <= mostBytes && !IsLink(file);

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
