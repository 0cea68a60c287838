using Images.Formats;
using Images.Formats.Fat32;
using Images.Formats.Tree;
using Images.Formats.Uki;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Inspect;

/// <summary>What the EFI system partition holds: the kernel image that is started next, which names the root it
/// belongs to.</summary>
internal sealed record EspContent
{
    private const long MaximumKernelImageBytes = 512L << 20;

    private static readonly TreePath _entries = TreePath.Parse(NodeEsp.EntriesFolder);

    private static readonly TreePath _images = TreePath.Parse(NodeEsp.ImagesFolder);

    /// <summary>Where images were before they could be upgraded.</summary>
    private static readonly TreePath _olderFolder = TreePath.Parse("EFI/Linux");

    public required Fat32Volume Volume { get; init; }

    public required TreePath KernelImage { get; init; }

    public required string KernelRelease { get; init; }

    public required string CommandLine { get; init; }

    public required VerityInfo Verity { get; init; }

    /// <param name="partition">Stays in use as long as the volume's files are read.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="MalformedDataException">FAT, kernel image or its initrd break a rule.</exception>
    public static EspContent Read(Stream partition, string file)
    {
        Fat32Volume volume = Fat32Reader.Read(partition, file);
        (TreePath path, FileNode node) = FindKernelImage(volume, file);
        byte[] bytes = volume.Tree.ReadFile(path.Value);
        string place = $"{file}, {path}";
        UkiContent kernel = UkiReader.Read(bytes, place);
        return new EspContent
        {
            Volume = volume,
            KernelImage = path,
            KernelRelease = kernel.KernelRelease,
            CommandLine = kernel.CommandLine,
            Verity = VerityFile.Read(kernel.Initrd.Span, place),
        };
    }

    private static (TreePath Path, FileNode Node) FindKernelImage(Fat32Volume volume, string file)
    {
        IReadOnlyList<(TreePath Path, FileNode Node)> found = KernelImagesIn(volume, _images);
        if (found.Count == 0)
        {
            found = KernelImagesIn(volume, _olderFolder);
        }

        if (found.Count > 1 && ChosenSlot(volume) is { } slot)
        {
            string chosen = slot == 'a' ? NodeEsp.ImageA : NodeEsp.ImageB;
            found = [.. found.Where(image => image.Path.Value == chosen)];
        }

        return found switch
        {
            [(_, { Content.Length: <= MaximumKernelImageBytes }) one] => one,
            [_] => throw new MalformedDataException(file, -1, "the kernel image is longer than 512 MiB."),
            [] => throw new MalformedDataException(
                file, -1, $"there is no kernel image in /{_images} that an entry names."),
            _ => throw new MalformedDataException(
                file, -1, $"there is more than one kernel image in /{_images}, and no entry that chooses."),
        };
    }

    private static IReadOnlyList<(TreePath Path, FileNode Node)> KernelImagesIn(Fat32Volume volume, TreePath folder) =>
    [
        .. volume.Tree.Nodes
            .Where(pair => pair.Key.IsBelow(folder)
                && pair.Value is FileNode
                && pair.Key.Value.EndsWith(".efi", StringComparison.OrdinalIgnoreCase))
            .Select(pair => (pair.Key, (FileNode)pair.Value)),
    ];

    /// <summary>The slot that the loader would start now.</summary>
    private static char? ChosenSlot(Fat32Volume volume)
    {
        Dictionary<BootEntry, TreePath> entries = [];
        foreach ((TreePath path, TreeNode node) in volume.Tree.Nodes)
        {
            if (path.IsBelow(_entries)
                && node is FileNode { Content.Length: <= BootEntryText.MaximumBytes }
                && BootEntry.TryParse(path.Name, out BootEntry? entry))
            {
                entries.TryAdd(entry, path);
            }
        }

        return BootEntries.Choose(entries.Keys) is { } chosen
            ? BootEntryText.SlotOf(volume.Tree.ReadFile(entries[chosen].Value))
            : null;
    }
}
