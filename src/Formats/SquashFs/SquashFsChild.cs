using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>One name in a directory.</summary>
/// <param name="Name">In UTF-8.</param>
/// <param name="InodePath">Where the inode's node stands: the target's path where the name is a hard link.</param>
/// <param name="Node">Never a hard link.</param>
internal sealed record SquashFsChild(byte[] Name, TreePath InodePath, TreeNode Node);
