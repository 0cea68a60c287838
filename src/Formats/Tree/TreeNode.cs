// One closed family, read together: the kinds of nodes.
#pragma warning disable MA0048
namespace Images.Formats.Tree;

/// <summary>
/// What stands at one path. Mode holds the 12 permission bits (07777); times are seconds since 1970 UTC.
/// </summary>
public abstract record TreeNode
{
    public required int Mode { get; init; }

    public int Uid { get; init; }

    public int Gid { get; init; }

    public long ModifiedUnixSeconds { get; init; }
}

public sealed record DirectoryNode : TreeNode;

public sealed record FileNode : TreeNode
{
    public required FileContent Content { get; init; }
}

/// <summary>Mode is 0777 by convention.</summary>
public sealed record SymlinkNode : TreeNode
{
    public required string Target { get; init; }
}

public enum DeviceKind
{
    Character,
    Block,
}

public sealed record DeviceNode : TreeNode
{
    public required DeviceKind Kind { get; init; }

    public required int Major { get; init; }

    public required int Minor { get; init; }
}

/// <summary>
/// Another name of a regular file that stands at <see cref="Target"/>, never of another link. Mode, owner and time
/// are the target's; the values here are ignored.
/// </summary>
public sealed record HardLinkNode : TreeNode
{
    public required TreePath Target { get; init; }
}
