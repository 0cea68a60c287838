using Images.Baker.Layers;
using Images.Baker.Packages;
using Images.Baker.Tree;

namespace Images.Baker.Baking;

/// <summary>Feeds a package's files into a layer.</summary>
internal static class DebLayer
{
    /// <exception cref="MalformedDataException">The package is damaged or holds what an image cannot.</exception>
    public static void Fill(LayerBuilder builder, Func<FileStream> open, string name, CancellationToken cancellationToken)
    {
        using FileStream stream = open();
        DebPackage package = DebPackage.Open(stream, name);
        builder.Add(() => Read(package, cancellationToken));
    }

    private static IEnumerable<LayerInput> Read(DebPackage package, CancellationToken cancellationToken)
    {
        using Stream data = package.OpenData();
        foreach (TarEntry entry in new TarReader(data, package.DataName))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ToInput(entry);
        }
    }

    private static LayerInput ToInput(TarEntry entry) => new()
    {
        Path = entry.ParsePath(),
        Attributes = Attributes(entry),
        OpenContent = entry.Kind == TarEntryKind.File ? () => entry.Content : null,
        Length = entry.Size,
    };

    private static TreeNode Attributes(TarEntry entry)
    {
        TreeNode node = entry.Kind switch
        {
            TarEntryKind.File or TarEntryKind.Directory => new DirectoryNode { Mode = entry.Mode },
            TarEntryKind.Symlink => new SymlinkNode { Mode = entry.Mode, Target = entry.LinkTarget },
            TarEntryKind.HardLink => new HardLinkNode { Mode = entry.Mode, Target = entry.ParseHardLinkTarget() },
            TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice => new DeviceNode
            {
                Mode = entry.Mode,
                Kind = entry.Kind == TarEntryKind.BlockDevice ? DeviceKind.Block : DeviceKind.Character,
                Major = entry.DeviceMajor,
                Minor = entry.DeviceMinor,
            },
            _ => throw new MalformedDataException(entry.Archive, entry.Offset, $"the entry '{entry.Path}' is a {entry.Kind}, which an image does not hold"),
        };
        return node with { Uid = entry.Uid, Gid = entry.Gid, ModifiedUnixSeconds = entry.ModifiedUnixSeconds };
    }
}
