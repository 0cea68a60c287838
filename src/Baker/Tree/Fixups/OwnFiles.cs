namespace Images.Baker.Tree.Fixups;

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

        TreePath? unused = sources.System.Modes.Keys.Cast<TreePath?>().FirstOrDefault(path => !sources.Files.ContainsKey(path!.Value));
        if (unused is not null)
        {
            throw new BakeException("BAKE0331", sources.System.SourceName, $"'modes:' names {unused}, which is no file under files/.", "Remove the line, or add the file.");
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
                "BAKE0330", path.ToString(), $"stands under roles/ and comes from '{owner}' too.", "List it under 'replaces:' in roles/common/common.yaml if ours is to win.");
        }

        merged.Tree.AddFile(path.Value, content, system.Modes.GetValueOrDefault(path, DefaultMode));
    }
}
