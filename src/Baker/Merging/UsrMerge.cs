using Images.Formats.Tree;

namespace Images.Baker.Merging;

/// <summary>
/// Debian's merged /usr: /bin, /sbin, /lib and /lib64 are links into /usr, and dpkg follows them for packages that
/// still spell a path through them. (https://wiki.debian.org/UsrMerge)
/// </summary>
internal static class UsrMerge
{
    /// <summary>The links at the root of the tree; each points to <c>usr/&lt;name&gt;</c>.</summary>
    public static IReadOnlyList<string> Links { get; } = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"];

    /// <summary><c>bin/sh</c> is <c>usr/bin/sh</c>; a path that is itself one of the links stays.</summary>
    public static TreePath Resolve(TreePath path)
    {
        string value = path.Value;
        int slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Links.Contains(value[..slash], StringComparer.Ordinal)
            ? TreePath.Parse($"usr/{value}")
            : path;
    }

    public static bool IsLink(TreePath path) => Links.Contains(path.Value, StringComparer.Ordinal);
}
