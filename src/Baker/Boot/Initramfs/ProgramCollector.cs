using Images.Formats.Elf;
using Images.Formats.Tree;

namespace Images.Baker.Boot.Initramfs;

/// <summary>
/// Takes programs out of a tree with all libraries that they and their libraries need, and the dynamic loader, at the
/// paths where they stood. Old paths such as <c>/lib64</c> are understood as those below <c>/usr</c>.
/// </summary>
/// <param name="tree">Where they are looked for.</param>
/// <param name="modifiedUnixSeconds">Time of what is collected.</param>
/// <param name="place">The part of image.yaml that errors point to.</param>
internal sealed class ProgramCollector(
    FileTree tree, long modifiedUnixSeconds, string place = "image.yaml: initramfs.packages")
{
    /// <summary>A chain of links longer than the kernel follows is a loop.</summary>
    private const int LongestLinkChain = 40;

    /// <summary>Where Debian's dynamic loader looks on amd64, with the links into /usr resolved.</summary>
    private static readonly string[] _libraryFolders = ["usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib"];

    private readonly FileTreeBuilder _collected = new(modifiedUnixSeconds);

    /// <exception cref="BakeException">The program or one of its libraries is not in the tree.</exception>
    public void AddProgram(string path) => AddFile(
        TreePath.Parse(path),
        new BakeException(
            "BAKE0703", place, $"none of them brings the program /{path}.", "Name the package that does."));

    public FileTree Build() => _collected.Build();

    /// <summary>Adds the file behind a path, and every link on the way.</summary>
    private void AddFile(TreePath path, BakeException missing)
    {
        TreePath at = MoveIntoUsr(path);
        for (int i = 0; i < LongestLinkChain; i++)
        {
            if (_collected.Nodes.ContainsKey(at))
            {
                return;
            }

            switch (Resolve(at))
            {
                case SymlinkNode link:
                    _collected.AddSymlink(at.Value, link.Target);
                    at = MoveIntoUsr(FollowLink(at, link.Target));
                    break;
                case FileNode file:
                    _collected.AddFile(at.Value, file.Content, file.Mode & 0b111_101_101);
                    AddNeeds(at, file);
                    return;
                default:
                    throw missing;
            }
        }

        throw missing;
    }

    /// <summary>The node at the path, as it was packed: under /usr, or still under the old folder.</summary>
    private TreeNode? Resolve(TreePath path)
    {
        TreeNode? node = tree.Find(path.Value) ?? (path.Value.StartsWith("usr/", StringComparison.Ordinal)
            ? tree.Find(path.Value["usr/".Length..])
            : null);
        return node is HardLinkNode link ? tree.Nodes[link.Target] : node;
    }

    private void AddNeeds(TreePath path, FileNode file)
    {
        byte[] bytes = new byte[file.Content.Length];
        using (Stream stream = file.Content.OpenRead())
        {
            stream.ReadExactly(bytes);
        }

        if (!ElfFile.IsElf(bytes))
        {
            return;
        }

        ElfFile elf = ElfFile.Parse(bytes, path.ToString());
        if (elf.ReadInterpreter() is { } interpreter)
        {
            AddFile(TreePath.Parse(interpreter), Missing(path, interpreter));
        }

        foreach (string library in elf.ReadNeeded())
        {
            AddFile(FindLibrary(library) ?? throw Missing(path, library), Missing(path, library));
        }
    }

    private TreePath? FindLibrary(string library) => _libraryFolders
        .Select(folder => TreePath.Parse($"{folder}/{library}"))
        .Where(path => Resolve(path) is not null)
        .Select(path => (TreePath?)path)
        .FirstOrDefault();

    private BakeException Missing(TreePath user, string library) => new(
        "BAKE0704", place, $"{user} needs {library}, which none of the packages brings.", "Add the package that does.");

    private static TreePath MoveIntoUsr(TreePath path)
    {
        string top = path.Value.Split('/')[0];
        return top is "bin" or "sbin" or "lib" or "lib64" ? TreePath.Parse("usr/" + path.Value) : path;
    }

    private static TreePath FollowLink(TreePath link, string target)
    {
        Stack<string> parts = new(target.StartsWith('/') ? [] : link.Parent.Value.Split('/'));
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                parts.TryPop(out _);
            }
            else if (part != ".")
            {
                parts.Push(part);
            }
        }

        return TreePath.Parse(string.Join('/', parts.Reverse()));
    }
}
