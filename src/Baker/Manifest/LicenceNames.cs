using System.Text;
using System.Text.RegularExpressions;
using Images.Formats.Tree;

namespace Images.Baker.Manifest;

/// <summary>
/// The short names in a package's copyright file, where it has the machine-readable form
/// (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/). Debian's names are not SPDX's; they
/// are passed on as they are.
/// </summary>
internal static partial class LicenceNames
{
    private const string Field = "License:";

    /// <summary>Sorted, each once; empty where the file is free text or missing.</summary>
    public static IReadOnlyList<string> Of(FileTreeBuilder tree, string package) =>
        ReadCopyright(tree, package) is { } bytes ? In(Encoding.UTF8.GetString(bytes)) : [];

    /// <summary>
    /// Those in a copyright file of Debian; in upstream's collection of texts, which names none, Kubernetes' own
    /// licence if it stands there.
    /// </summary>
    public static IReadOnlyList<string> OfKubernetes(ReadOnlySpan<byte> copyright)
    {
        string text = Encoding.UTF8.GetString(copyright);
        return In(text) is { Count: > 0 } names ? names : ApacheTitle().IsMatch(text) ? ["Apache-2.0"] : [];
    }

    private static IReadOnlyList<string> In(string text)
    {
        string[] lines = text.Split('\n');
        bool machineReadable = lines.Any(line => line.StartsWith("Format:", StringComparison.OrdinalIgnoreCase)
            && line.Contains("copyright-format", StringComparison.Ordinal));
        return machineReadable
            ? [.. lines.Where(line => line.StartsWith(Field, StringComparison.OrdinalIgnoreCase))
                .Select(line => line[Field.Length..].Trim()).Where(name => name.Length > 0)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>
    /// usr/share/doc/&lt;package&gt; may be a link to the folder of another package of the same source.
    /// </summary>
    private static byte[]? ReadCopyright(FileTreeBuilder tree, string package)
    {
        TreePath folder = TreePath.Parse($"usr/share/doc/{package}");
        return tree.Nodes.GetValueOrDefault(folder) is SymlinkNode link
            && !link.Target.Contains('/', StringComparison.Ordinal)
            ? tree.ReadFile(TreePath.Parse($"usr/share/doc/{link.Target}/copyright"))
            : tree.ReadFile(folder.Append("copyright"));
    }

    [GeneratedRegex(@"Apache License\s+Version 2\.0, January 2004")]
    private static partial Regex ApacheTitle();
}
