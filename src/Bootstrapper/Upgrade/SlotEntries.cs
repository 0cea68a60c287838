using Images.Bootstrapper.Files;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>The entries that the boot loader chooses from, with the slot that each starts.</summary>
/// <param name="esp">The folder that the EFI system partition is mounted on.</param>
/// <param name="before">Is told each change before it is made; a test cuts the power there.</param>
internal sealed class SlotEntries(string esp, Action<string> before)
{
    private const string Partial = ".tmp";

    /// <summary>Where a disk that was baked before there were slots has its one kernel image.</summary>
    private const string FormerImages = "EFI/Linux";

    private readonly string _folder = Path.Join(esp, NodeEsp.EntriesFolder);

    /// <summary>Entries of ours, in no order; what is torn or of another maker is none.</summary>
    public IReadOnlyList<(BootEntry Entry, char Slot)> List() => !Directory.Exists(_folder)
        ? []
        : [.. Directory.EnumerateFiles(_folder).Select(Read).OfType<(BootEntry, char)>()];

    /// <summary>The number of the next one. Names that are torn count too, so that no number comes twice.</summary>
    public int NextNumber()
    {
        int highest = !Directory.Exists(_folder) ? 1 : Directory.EnumerateFiles(_folder)
            .Select(file => BootEntry.TryParse(Path.GetFileName(file), out BootEntry? entry) ? entry.Number : 0)
            .Append(1)
            .Max();
        return highest < BootEntry.MaximumNumber
            ? highest + 1
            : throw new IOException($"{_folder} has an entry of the highest number that there can be");
    }

    public string TitleOf(BootEntry entry) =>
        BootEntryText.TitleOf(ReadText(Path.Join(_folder, entry.FileName)));

    /// <summary>What an upgrade that was cut short, or a file system check, has left.</summary>
    public void Sweep()
    {
        string[] left =
        [
            .. Files(_folder).Where(file => file.EndsWith(Partial, StringComparison.Ordinal)),
            .. Files(_folder).Where(file => BootEntry.TryParse(Path.GetFileName(file), out _) && Read(file) is null),
            .. Files(esp).Where(file => Path.GetFileName(file) is string name
                && name.StartsWith("FSCK", StringComparison.OrdinalIgnoreCase)
                && name.EndsWith(".REC", StringComparison.OrdinalIgnoreCase)),
        ];
        Delete(left);
    }

    /// <summary>From now on nothing starts that slot.</summary>
    public void RemoveOf(char slot)
    {
        Delete(List().Where(item => item.Slot == slot).Select(item => Path.Join(_folder, item.Entry.FileName)));
        if (slot == 'a')
        {
            Delete(Files(Path.Join(esp, FormerImages)));
        }
    }

    /// <summary>
    /// The one change that makes an image the next to start: complete beside its place, then renamed.
    /// </summary>
    public void Add(BootEntry entry, string title, char slot)
    {
        string path = Path.Join(_folder, entry.FileName), partial = path + Partial;
        before($"make {_folder}");
        Directory.CreateDirectory(_folder);
        before($"write {entry.FileName}{Partial}");
        using (FileStream stream = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            stream.Write(BootEntryText.Of(title, entry.Number, slot));
            before($"sync {entry.FileName}{Partial}");
            stream.Flush(flushToDisk: true);
        }

        before($"rename {entry.FileName}");
        File.Move(partial, path, overwrite: true);
        Sync();
    }

    public void Rename(BootEntry entry, BootEntry to)
    {
        string target = Path.Join(_folder, to.FileName);
        if (File.Exists(target))
        {
            throw new IOException($"{target} is there already");
        }

        before($"rename {entry.FileName}");
        File.Move(Path.Join(_folder, entry.FileName), target);
        Sync();
    }

    public bool Has(BootEntry entry) => File.Exists(Path.Join(_folder, entry.FileName));

    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];

    private void Delete(IEnumerable<string> files)
    {
        string[] all = [.. files];
        foreach (string file in all)
        {
            before($"delete {Path.GetFileName(file)}");
            File.Delete(file);
        }

        foreach (string folder in all.Select(file => Path.GetDirectoryName(file)!).Distinct(StringComparer.Ordinal))
        {
            LinuxFiles.SyncFolder(folder);
        }

        if (all.Length > 0)
        {
            LinuxFiles.SyncFileSystem(esp);
        }
    }

    private void Sync()
    {
        before("sync entries");
        LinuxFiles.SyncFolder(_folder);
        LinuxFiles.SyncFileSystem(esp);
    }

    private static (BootEntry Entry, char Slot)? Read(string path) =>
        BootEntry.TryParse(Path.GetFileName(path), out BootEntry? entry)
            && BootEntryText.SlotOf(ReadText(path)) is { } slot
                ? (entry, slot)
                : null;

    private static ReadOnlySpan<byte> ReadText(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] text = new byte[BootEntryText.MaximumBytes];
        return text.AsSpan(0, stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false));
    }
}
