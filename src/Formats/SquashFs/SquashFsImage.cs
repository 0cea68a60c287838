using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// An image as read. Its contents come from the stream, which must stay open as long as they are wanted.
/// </summary>
internal sealed record SquashFsImage(SquashFsSuperblock Superblock, FileTree Tree);
