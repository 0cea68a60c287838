using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>One entry on its way into a layer.</summary>
internal sealed record LayerInput
{
    public required TreePath Path { get; init; }

    /// <summary>For a regular file a stand-in that carries mode, owner and time.</summary>
    public required TreeNode Attributes { get; init; }

    /// <summary>For a regular file: its bytes, opened at most once a pass and closed by the builder.</summary>
    public Func<Stream>? OpenContent { get; init; }

    public long Length { get; init; }

    public static LayerInput From(TreePath path, TreeNode node) => node is FileNode file
        ? new LayerInput
        {
            Path = path,
            Attributes = AttributesOf(file),
            OpenContent = file.Content.OpenRead,
            Length = file.Content.Length,
        }
        : new LayerInput { Path = path, Attributes = node };

    private static DirectoryNode AttributesOf(FileNode file) =>
        new() { Mode = file.Mode, Uid = file.Uid, Gid = file.Gid, ModifiedUnixSeconds = file.ModifiedUnixSeconds };
}
