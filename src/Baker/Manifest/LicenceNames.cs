using System.Text;
using Images.Baker.Tree;

namespace Images.Baker.Manifest;

/// <summary>
/// The short names in a package's copyright file, where it has the machine-readable form
/// (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/). Debian's names are not SPDX's; they are passed on as they are.
/// </summary>
internal static class LicenceNames
{
    private const string Field = "License:";

    /// <summary>Sorted, each once; empty where the file is free text or missing.</summary>
    public static IReadOnlyList<string> Of(FileTreeBuilder tree, string package)
    {
        if (ReadCopyright(tree, package) is not { } bytes)
        {
            return [];
        }

        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        bool machineReadable = lines.Any(line => line.StartsWith("Format:", StringComparison.OrdinalIgnoreCase) && line.Contains("copyright-format", StringComparison.Ordinal));
        return machineReadable
            ? [.. lines.Where(line => line.StartsWith(Field, StringComparison.OrdinalIgnoreCase))
                .Select(line => line[Field.Length..].Trim()).Where(name => name.Length > 0)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>usr/share/doc/&lt;package&gt; may be a link to the folder of another package of the same source.</summary>
    private static byte[]? ReadCopyright(FileTreeBuilder tree, string package)
    {
        TreePath folder = TreePath.Parse($"usr/share/doc/{package}");
        return tree.Nodes.GetValueOrDefault(folder) is SymlinkNode link && !link.Target.Contains('/', StringComparison.Ordinal)
            ? tree.ReadFile(TreePath.Parse($"usr/share/doc/{link.Target}/copyright"))
            : tree.ReadFile(folder.Append("copyright"));
    }
}
