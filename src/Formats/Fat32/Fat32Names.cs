using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>What FAT32 can hold of a tree, and under which names.</summary>
internal static class Fat32Names
{
    private const string Forbidden = "\"*/:<>?\\|";

    /// <exception cref="ContentException">FAT32 has no such files or no such names.</exception>
    public static void Check(TreePath path, TreeNode node)
    {
        switch (node)
        {
            case FileNode file when file.Content.Length > uint.MaxValue:
                throw Refuse(path, $"has {file.Content.Length} bytes, FAT32 holds 4,294,967,295", "Leave it out.");
            case FileNode or DirectoryNode:
                break;
            default:
                throw Refuse(
                    path,
                    "is neither a file nor a folder, and FAT32 holds nothing else",
                    "Leave it out or copy what it points to.");
        }

        if (path.IsRoot)
        {
            return;
        }

        string name = path.Name;
        if (name.Length > Fat32LongName.MaximumLength
            || name.Any(character => character < ' ' || Forbidden.Contains(character, StringComparison.Ordinal))
            || name[^1] is '.' or ' '
            || name[0] == ' ')
        {
            throw Refuse(
                path,
                "has a name that FAT32 does not allow (length, control or special characters, blank or dot at an end)",
                "Rename it.");
        }
    }

    /// <param name="paths">The content of one folder.</param>
    /// <exception cref="ContentException">Two names differ only in case.</exception>
    public static IReadOnlyList<Fat32Name> Give(List<TreePath> paths)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (TreePath path in paths.Where(path => !seen.Add(path.Name)))
        {
            throw Refuse(
                path, "differs from another name in its folder only in upper and lower case", "Rename one of them.");
        }

        IReadOnlyDictionary<string, string> shortNames = Fat32ShortNames.Assign([.. paths.Select(path => path.Name)]);
        return [.. paths.Order().Select(path => new Fat32Name(path, shortNames[path.Name]))];
    }

    public static ContentException Refuse(TreePath path, string problem, string remedy) =>
        new("BAKE0511", $"the FAT32 volume's {path}", $"{problem}.", remedy);
}
