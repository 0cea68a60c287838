using System.Text;
using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>Directories, links and concatenated files of <see cref="SystemDescription"/>.</summary>
internal static class DeclaredPaths
{
    public static void Add(FileTreeBuilder tree, SystemDescription description)
    {
        foreach (DeclaredDirectory directory in description.Directories)
        {
            tree.AddDirectory(directory.Path.Value, directory.Mode);
        }

        foreach (DeclaredLink link in description.Links)
        {
            PutLink(tree, description, link);
        }

        foreach (DeclaredLink link in description.Alternatives.Where(link => Exists(tree, Resolve(link))))
        {
            PutLink(tree, description, link);
        }

        foreach (DeclaredConcatenation file in description.Concatenate)
        {
            Concatenate(tree, description, file);
        }
    }

    private static bool Exists(FileTreeBuilder tree, TreePath path) => tree.Nodes.ContainsKey(UsrMerge.Resolve(path));

    private static TreePath Resolve(DeclaredLink link) =>
        link.Target.StartsWith('/') ? TreePath.Parse(link.Target) : link.Path.Parent.Append(link.Target);

    private static void PutLink(FileTreeBuilder tree, SystemDescription description, DeclaredLink link)
    {
        TreePath path = UsrMerge.Resolve(link.Path);
        if (tree.Nodes.TryGetValue(path, out TreeNode? present)
            && present is DirectoryNode
            && tree.Nodes.Keys.Any(below => below.IsBelow(path)))
        {
            throw new BakeException(
                "BAKE0432", description.SourceName, $"{path} is to be a link, but packages bring files below it.",
                "Remove the link, or list the folder under 'remove:'.");
        }

        tree.AddSymlink(path.Value, link.Target);
    }

    private static void Concatenate(FileTreeBuilder tree, SystemDescription description, DeclaredConcatenation file)
    {
        TreePath[] parts = [.. tree.Nodes.Keys
            .Where(path => path.IsBelow(file.Folder) && path.Name.EndsWith(file.Suffix, StringComparison.Ordinal))
            .OrderBy(path => path.Value, StringComparer.Ordinal)];
        if (parts.Length == 0)
        {
            throw new BakeException(
                "BAKE0433", description.SourceName, $"/{file.Folder.Value} holds no '*{file.Suffix}' for {file.Path}.",
                "Add the package that brings them to image.yaml.");
        }

        StringBuilder text = new();
        foreach (TreePath part in parts)
        {
            text.Append(Encoding.UTF8.GetString(tree.ReadFile(part) ?? []).TrimEnd('\n')).Append('\n');
        }

        tree.AddText(file.Path.Value, text.ToString());
    }
}
