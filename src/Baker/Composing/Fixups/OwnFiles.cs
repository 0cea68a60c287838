using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>Lays our own text files over the packages' tree. What replaces a package's file must be declared.</summary>
internal static class OwnFiles
{
    public const string UnitFolder = "usr/lib/systemd/system";
    private const int DefaultMode = 0b110_100_100;

    public static void Add(MergedTree merged, RoleSources sources)
    {
        foreach ((TreePath path, string text) in sources.Files)
        {
            Put(merged, sources.System, path, text);
        }

        foreach ((string name, string text) in sources.Units.Concat(sources.Roles.SelectMany(role => role.Units)))
        {
            Put(merged, sources.System, TreePath.Parse($"{UnitFolder}/{name}"), text);
        }

        foreach ((TreePath path, int mode) in sources.System.Modes)
        {
            SetMode(merged.Tree, sources.System, path, mode);
        }
    }

    private static void Put(MergedTree merged, SystemDescription system, TreePath path, string text)
    {
        MemoryContent content = MemoryContent.FromText(text);
        if (merged.Tree.Nodes.TryGetValue(path, out TreeNode? present)
            && !system.Replaces.Contains(path)
            && !(present is FileNode file && file.Content.Digest == content.Digest))
        {
            string owner = merged.Owners.GetValueOrDefault(path, "another role");
            throw new BakeException(
                "BAKE0430", path.ToString(), $"stands under roles/ and comes from '{owner}' too.",
                "List it under 'replaces:' in roles/common/common.yaml if ours is to win.");
        }

        merged.Tree.AddFile(path.Value, content, DefaultMode);
        merged.Owners.Remove(path);
    }

    private static void SetMode(FileTreeBuilder tree, SystemDescription system, TreePath path, int mode)
    {
        FileNode file = tree.Nodes.GetValueOrDefault(path) as FileNode ?? throw new BakeException(
            "BAKE0431", system.SourceName, $"'modes:' names {path}, which is no file of the image.",
            "Remove the line, or add the file or the package that brings it.");
        tree.Set(path, file with { Mode = mode });
    }
}
