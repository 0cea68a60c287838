using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Images.Formats;
using Images.Formats.Fat32;
using Images.Formats.Tree;
using Images.Formats.Uki;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Inspect;

/// <summary>What the EFI system partition holds: the kernel image that is started next, which names the root it
/// belongs to.</summary>
internal sealed partial record EspContent
{
    private const long MaximumKernelImageBytes = 512L << 20;

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

        if (found.Count > 1 && NewestEntry(volume) is { } newest)
        {
            found = [.. found.Where(image => newest.EndsWith($"/{image.Path}\n", StringComparison.OrdinalIgnoreCase))];
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

    /// <summary>The text of the entry that was installed last and has tries left.</summary>
    private static string? NewestEntry(Fat32Volume volume) => volume.Tree.Nodes
        .Select(pair => (pair.Key, Name: EntryName().Match(pair.Key.Value)))
        .Where(entry => entry.Name.Success && volume.Tree.Nodes[entry.Key] is FileNode { Content.Length: < 4096 })
        .OrderByDescending(entry => int.Parse(entry.Name.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
        .Select(entry => Encoding.UTF8.GetString(volume.Tree.ReadFile(entry.Key.Value)))
        .FirstOrDefault();

    /// <summary><c>node-7.conf</c>, <c>node-7+3.conf</c>, <c>node-7+2-1.conf</c>; none with <c>+0</c>.</summary>
    [GeneratedRegex(@"^loader/entries/node-([0-9]{1,9})(?:\+[1-9][0-9]*(?:-[0-9]+)?)?\.conf$")]
    private static partial Regex EntryName();
}
