using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>What a node may hold to fit the format's fields and Linux's rules.</summary>
internal static class SquashFsLimits
{
    private const int ModeMask = 0xFFF;
    private const int MajorLimit = 0xFFF;
    private const int MinorLimit = 0xFFFFF;

    /// <exception cref="ContentException">Something does not fit.</exception>
    public static void Check(TreePath path, TreeNode node)
    {
        string? problem = node switch
        {
            { Mode: < 0 or > ModeMask } =>
                $"The mode {Convert.ToString(node.Mode, 8)} has more than the 12 permission bits.",
            { Uid: < 0 } or { Gid: < 0 } => $"The owner {node.Uid}:{node.Gid} is negative.",
            { ModifiedUnixSeconds: < 0 or > uint.MaxValue } =>
                $"The time {node.ModifiedUnixSeconds} does not fit 32 bits of seconds since 1970.",
            DeviceNode { Major: < 0 or > MajorLimit } or DeviceNode { Minor: < 0 or > MinorLimit } =>
                "The device number is out of Linux's range.",
            _ when Encoding.UTF8.GetByteCount(path.Value) > SquashFsConstants.PathLimit =>
                $"The path has more than {SquashFsConstants.PathLimit} bytes.",
            SymlinkNode link when SquashFsNames.Encode(link.Target)
                is not { Length: > 0 and <= SquashFsConstants.LinkTargetLimit } =>
                $"The symlink's target must have 1 to {SquashFsConstants.LinkTargetLimit} bytes of UTF-8.",
            SymlinkNode link when link.Target.Contains('\0', StringComparison.Ordinal) =>
                "The symlink's target has a zero character.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ContentException(
                "BAKE0504", path.ToString(), problem, "Mend the package's pruning or the file's entry.");
        }
    }
}
