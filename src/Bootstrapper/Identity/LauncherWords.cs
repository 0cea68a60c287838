using Images.NodeConfig;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// What whoever started a node as a container says of it: an empty file a word, in a folder of the node's /run.
/// </summary>
internal sealed record LauncherWords
{
    public static LauncherWords None { get; } = new();

    /// <summary>Root of the node is an ordinary user of the host.</summary>
    public bool IsInUserNamespace { get; init; }

    /// <summary>Its control groups are version 1's.</summary>
    public bool HasCgroupV1 { get; init; }

    public static LauncherWords Read(NodeRoot root) => !root.IsContainer ? None : new LauncherWords
    {
        IsInUserNamespace = File.Exists(root[NodePaths.InUserNamespace]),
        HasCgroupV1 = File.Exists(root[NodePaths.HasCgroupV1]),
    };
}
