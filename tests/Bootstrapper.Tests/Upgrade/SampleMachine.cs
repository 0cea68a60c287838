using Images.Bootstrapper.Upgrade;
using Images.Formats;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Upgrade;

/// <summary>Two slots and an ESP as files, with an image in slot a that runs.</summary>
internal sealed class SampleMachine : IDisposable
{
    public const int SlotBytes = 4 << 20;

    private readonly TemporaryFolder _folder = new();

    public SampleMachine()
    {
        Put("esp/EFI/images/a.efi", Kernel);
        Put("esp/loader/entries/node-3.conf", BootEntryText.Of("node 0.1.0", 3, 'a'));
        Put("b.root", new byte[SlotBytes]);
    }

    /// <summary>Of the image that runs.</summary>
    public byte[] Kernel { get; private set; } = "kernel of before"u8.ToArray();

    public UpgradeSlots Slots => new()
    {
        EspFolder = _folder["esp"],
        Running = 'a',
        RunningRoot = File.Exists(_folder["a.root"]) ? _folder["a.root"] : null,
        OtherRoot = _folder["b.root"],
        OtherBytes = SlotBytes,
        EspFreeBytes = 64 << 20,
    };

    public SlotEntries Entries => new(_folder["esp"], _ => { });

    public string[] EntryNames => [.. Directory.EnumerateFiles(_folder["esp/loader/entries"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public string this[string name] => _folder[name];

    public void Put(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], bytes);
    }

    /// <summary>What an upgrade before left in slot b: whole, and kept once.</summary>
    public void HoldsAnOlderImage(SampleImage image)
    {
        Put("esp/EFI/images/b.efi", image.Uki);
        Put("esp/loader/entries/node-2.conf", BootEntryText.Of("node 0.0.9", 2, 'b'));
        Put("b.root", [.. image.Root, .. new byte[SlotBytes - image.Root.Length]]);
    }

    public void Runs(SampleImage image)
    {
        Kernel = image.Uki;
        Put("esp/EFI/images/a.efi", Kernel);
        Put("a.root", [.. image.Root, .. new byte[SlotBytes - image.Root.Length]]);
    }

    public bool Holds(SampleImage image)
    {
        try
        {
            using FileStream slot = File.OpenRead(_folder["b.root"]);
            VerityTree.Verify(slot, image.Info, "b.root");
            return File.ReadAllBytes(_folder["esp/EFI/images/b.efi"]).AsSpan().SequenceEqual(image.Uki);
        }
        catch (Exception e) when (e is MalformedDataException or FileNotFoundException)
        {
            return false;
        }
    }

    public bool SlotBegins(SampleImage image)
    {
        using FileStream slot = File.OpenRead(_folder["b.root"]);
        return VerityTree.BeginsIn(slot, image.Info);
    }

    /// <summary>The slot that the loader would start; a torn entry is none to it.</summary>
    public char Chosen()
    {
        IReadOnlyList<(BootEntry Entry, char Slot)> entries = Entries.List();
        BootEntry chosen = BootEntries.Choose(entries.Select(item => item.Entry)).ShouldNotBeNull();
        return entries.Single(item => item.Entry == chosen).Slot;
    }

    public void Dispose() => _folder.Dispose();
}
