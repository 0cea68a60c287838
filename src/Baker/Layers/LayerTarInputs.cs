using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>A tar archive's entries as a layer takes them.</summary>
internal static class LayerTarInputs
{
    /// <param name="open">Opens the decompressed archive; called once a pass.</param>
    /// <param name="name">The archive, for messages.</param>
    /// <param name="cancellationToken">Asked at each entry.</param>
    /// <exception cref="MalformedDataException">
    /// While enumerating: no sound archive, or an entry that an image cannot hold.
    /// </exception>
    public static IEnumerable<LayerInput> Read(Func<Stream> open, string name, CancellationToken cancellationToken)
    {
        using Stream stream = open();
        foreach (TarEntry entry in new TarReader(stream, name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isFile = entry.Kind == TarEntryKind.File;
            yield return new LayerInput
            {
                Path = entry.ParsePath(),
                Attributes = AttributesOf(entry),
                OpenContent = isFile ? () => entry.Content : null,
                Length = isFile ? entry.Size : 0,
            };
        }
    }

    private static TreeNode AttributesOf(TarEntry entry)
    {
        TreeNode node = entry.Kind switch
        {
            // the builder asks a file's stand-in for nothing but what all kinds have
            TarEntryKind.File or TarEntryKind.Directory => new DirectoryNode { Mode = entry.Mode },
            TarEntryKind.HardLink => new HardLinkNode { Mode = entry.Mode, Target = entry.ParseHardLinkTarget() },
            TarEntryKind.Symlink => new SymlinkNode { Mode = 0b111_111_111, Target = entry.LinkTarget },
            TarEntryKind.CharacterDevice => Device(entry, DeviceKind.Character),
            TarEntryKind.BlockDevice => Device(entry, DeviceKind.Block),
            _ => throw new MalformedDataException(
                entry.Archive, entry.Offset, $"the entry '{entry.Path}' is a {entry.Kind}, which an image cannot hold"),
        };
        return node with { Uid = entry.Uid, Gid = entry.Gid, ModifiedUnixSeconds = entry.ModifiedUnixSeconds };
    }

    private static DeviceNode Device(TarEntry entry, DeviceKind kind) =>
        new() { Mode = entry.Mode, Kind = kind, Major = entry.DeviceMajor, Minor = entry.DeviceMinor };
}
