using Images.Formats;
using Images.Formats.Fat32;
using Images.Formats.Tree;
using Images.Formats.Uki;
using Images.Formats.Verity;

namespace Images.Baker.Inspect;

/// <summary>What the EFI system partition holds: one kernel image, which names the root it belongs to.</summary>
internal sealed record EspContent
{
    private const long MaximumKernelImageBytes = 512L << 20;

    private static readonly TreePath _kernelFolder = TreePath.Parse("EFI/Linux");

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
        (TreePath Path, FileNode Node)[] found =
        [
            .. volume.Tree.Nodes
                .Where(pair => pair.Key.IsBelow(_kernelFolder)
                    && pair.Value is FileNode
                    && pair.Key.Value.EndsWith(".efi", StringComparison.OrdinalIgnoreCase))
                .Select(pair => (pair.Key, (FileNode)pair.Value)),
        ];
        return found switch
        {
            [(_, { Content.Length: <= MaximumKernelImageBytes }) one] => one,
            [_] => throw new MalformedDataException(file, -1, "the kernel image in /EFI/Linux is longer than 512 MiB."),
            [] => throw new MalformedDataException(file, -1, "there is no kernel image in /EFI/Linux."),
            _ => throw new MalformedDataException(file, -1, "there is more than one kernel image in /EFI/Linux."),
        };
    }
}
