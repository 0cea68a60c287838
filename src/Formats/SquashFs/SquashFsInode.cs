using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>An inode as read.</summary>
internal sealed record SquashFsInode
{
    public required SquashFsInodeHeader Header { get; init; }

    public required TreeNode Node { get; init; }

    /// <summary>Where it lies, for messages.</summary>
    public required long ImageOffset { get; init; }

    /// <summary>Only of a directory.</summary>
    public SquashFsDirectoryInode? Directory { get; init; }

    public IReadOnlyList<SquashFsDirectoryIndex> Index { get; init; } = [];
}
