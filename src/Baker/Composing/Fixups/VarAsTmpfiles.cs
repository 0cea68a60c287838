using System.Text;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// /var lives on the state partition, which an image never rewrites. So what packages bring there becomes tmpfiles.d(5)
/// lines that every boot applies: a newer image on old state gets its directories. Files get a template under
/// /usr/share/factory. Paths that a package's own tmpfiles.d already names are left to it.
/// </summary>
internal static class VarAsTmpfiles
{
    private const string LinesPath = "usr/lib/tmpfiles.d/zz-images-var.conf";
    private const string Factory = "usr/share/factory";
    private const string LineFolder = "usr/lib/tmpfiles.d";
    private static readonly TreePath _var = TreePath.Parse("var");

    public static void Apply(FileTreeBuilder tree)
    {
        HashSet<string> known = KnownPaths(tree);
        StringBuilder lines = new();
        foreach ((TreePath path, TreeNode node) in tree.Nodes
            .Where(entry => entry.Key.IsBelow(_var))
            .OrderBy(entry => entry.Key)
            .ToArray())
        {
            if (!known.Contains(path.ToString()))
            {
                lines.Append(Line(tree, path, node)).Append('\n');
            }
        }

        tree.Remove(_var);
        tree.AddDirectory("var");
        tree.AddText(LinesPath, lines.ToString());
    }

    private static string Line(FileTreeBuilder tree, TreePath path, TreeNode node)
    {
        string place = Escape(path.ToString());
        switch (node)
        {
            case DirectoryNode:
                return $"d {place} {Octal(node.Mode)} {node.Uid} {node.Gid} -";
            case SymlinkNode link:
                return $"L {place} - - - - {Escape(link.Target)}";
            case FileNode:
                tree.Set(TreePath.Parse($"{Factory}{path}"), node);
                return $"C {place} {Octal(node.Mode)} {node.Uid} {node.Gid} - {Escape($"/{Factory}{path}")}";
            default:
                throw new BakeException(
                    "BAKE0450", path.ToString(), "is a device or a hard link under /var, which tmpfiles.d cannot make.",
                    "List it under 'remove:' in roles/common/common.yaml.");
        }
    }

    private static HashSet<string> KnownPaths(FileTreeBuilder tree)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (TreePath file in tree.Nodes.Keys.Where(
            path => path.IsBelow(TreePath.Parse(LineFolder)) && path.Name.EndsWith(".conf", StringComparison.Ordinal)))
        {
            foreach (string line in Encoding.UTF8.GetString(tree.ReadFile(file) ?? []).Split('\n'))
            {
                string[] fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 1 && fields[0][0] is 'd' or 'D' or 'q' or 'Q' or 'v' or 'L' or 'C' or 'f')
                {
                    known.Add(fields[1]);
                }
            }
        }

        return known;
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    /// <summary>% starts a specifier, a blank ends the field, the backslash escapes.</summary>
    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal).Replace(
            " ", "\\x20", StringComparison.Ordinal);
}
