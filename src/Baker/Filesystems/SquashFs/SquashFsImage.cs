using Images.Baker.Tree;

namespace Images.Baker.Filesystems.SquashFs;

/// <summary>An image as read. Its contents come from the stream, which must stay open as long as they are wanted.</summary>
internal sealed record SquashFsImage(SquashFsSuperblock Superblock, FileTree Tree);
