using System.Text;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// dpkg's own record of what is installed, so that scanners and <c>dpkg -l</c> see the packages of the running image.
/// It is part of the image and not of the state; tmpfiles.d links /var/lib/dpkg to it.
/// </summary>
internal static class DpkgDatabase
{
    public const string Folder = "usr/lib/sysimage/dpkg";

    public static void Add(MergedTree merged, IEnumerable<InstalledPackage> packages)
    {
        ILookup<string, TreePath> files = merged.Owners.ToLookup(
            entry => entry.Value, entry => entry.Key, StringComparer.Ordinal);
        StringBuilder status = new();
        foreach (InstalledPackage package in packages.OrderBy(package => package.Name, StringComparer.Ordinal))
        {
            status.Append(StatusParagraph(package)).Append('\n');
            merged.Tree.AddText($"{Folder}/info/{InfoName(package)}.list", FileList(merged.Tree, files[package.Name]));
        }

        merged.Tree.AddText($"{Folder}/status", status.ToString());
        merged.Tree.AddText($"{Folder}/available", "");

        // without it dpkg looks for names without an architecture only (dpkg's lib/dpkg/infodb-format.c)
        merged.Tree.AddText($"{Folder}/info/format", "1\n");
    }

    /// <summary>
    /// The control paragraph with dpkg's Status field behind the name (deb-control(5), dpkg's lib/dpkg/parse.c).
    /// </summary>
    private static string StatusParagraph(InstalledPackage package)
    {
        StringBuilder paragraph = new();
        foreach (string line in package.ControlText.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            paragraph.Append(line.TrimEnd('\r')).Append('\n');
            if (line.StartsWith("Package:", StringComparison.OrdinalIgnoreCase))
            {
                paragraph.Append("Status: install ok installed\n");
            }
        }

        return paragraph.ToString();
    }

    /// <summary>dpkg names the files of a co-installable package with its architecture.</summary>
    private static string InfoName(InstalledPackage package) =>
        package.ControlText.Split('\n').Any(line => line.TrimEnd() == "Multi-Arch: same")
            ? $"{package.Name}:{package.Architecture}"
            : package.Name;

    private static string FileList(FileTreeBuilder tree, IEnumerable<TreePath> files) =>
        "/.\n" + string.Concat(
            files.Where(path => !path.IsRoot && tree.Nodes.ContainsKey(path)).Order().Select(path => $"{path}\n"));
}
