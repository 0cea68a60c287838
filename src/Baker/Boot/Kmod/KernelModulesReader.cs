using System.Collections.Immutable;
using System.Text;
using Images.Baker.Caching;
using Images.Formats;
using Images.Formats.Tree;
using Images.Formats.Xz;

namespace Images.Baker.Boot.Kmod;

/// <summary>Reads every module below <c>usr/lib/modules/&lt;release&gt;</c> of the merged tree.</summary>
internal static class KernelModulesReader
{
    /// <summary>No module of Debian's kernels comes near it; a bigger one is a broken or hostile file.</summary>
    public const int LargestModuleBytes = 256 << 20;

    public static string FolderOf(string kernelRelease) => $"usr/lib/modules/{kernelRelease}";

    /// <summary>The release of the tree's only kernel.</summary>
    /// <exception cref="BakeException">There is none, or there are several.</exception>
    public static string FindRelease(FileTree tree)
    {
        TreePath folder = TreePath.Parse("usr/lib/modules");
        string[] releases = [.. tree.Nodes
            .Where(entry => entry.Value is DirectoryNode && !entry.Key.IsRoot && entry.Key.Parent == folder)
            .Select(entry => entry.Key.Name)];
        return releases is [string only]
            ? only
            : throw new BakeException(
                "BAKE0701", folder.ToString(),
                releases.Length == 0
                    ? "the image holds no kernel."
                    : $"the image holds several kernels: {string.Join(", ", releases)}.",
                "Name exactly one linux-image package in image.yaml.");
    }

    /// <param name="tree">The merged tree of the image.</param>
    /// <param name="kernelRelease">As <see cref="FindRelease"/> finds it.</param>
    /// <param name="cache">
    /// Where the answers of an earlier bake are kept; unpacking all modules takes seconds of processor time.
    /// </param>
    public static KernelModules Read(FileTree tree, string kernelRelease, ResultCache? cache = null)
    {
        TreePath folder = TreePath.Parse(FolderOf(kernelRelease));
        string[] paths = PathsOf(tree, folder);
        ImmutableArray<ModuleInfo> modules = cache is null
            ? ReadModules(tree, folder, paths)
            : ModuleInfoCache.GetOrRead(cache, tree, folder, paths, () => ReadModules(tree, folder, paths));
        return new KernelModules(
            kernelRelease,
            SortAsTheKernelDoes(modules, ReadLines(tree, folder, "modules.order")),
            ReadLines(tree, folder, "modules.builtin"),
            ReadBuiltInAliases(tree, folder));
    }

    /// <summary>All that <see cref="Read"/> reads, as one digest.</summary>
    public static Digest InputsOf(FileTree tree, string kernelRelease)
    {
        TreePath folder = TreePath.Parse(FolderOf(kernelRelease));
        return ModuleInfoCache.KeyOf(
            tree, folder, [.. PathsOf(tree, folder), "modules.order", "modules.builtin", "modules.builtin.modinfo"]);
    }

    private static string[] PathsOf(FileTree tree, TreePath folder) =>
    [.. tree.Nodes.Keys
        .Where(path => path.IsBelow(folder) && IsModule(path))
        .Select(path => path.Value[(folder.Value.Length + 1)..])];

    /// <summary>The module's bytes as the kernel loads them.</summary>
    public static byte[] ReadModule(FileTree tree, TreePath path)
    {
        TreeNode node = tree.Nodes[path];
        FileContent content = ((FileNode)(node is HardLinkNode link ? tree.Nodes[link.Target] : node)).Content;
        using Stream packed = content.OpenRead();
        return path.Name.EndsWith(".xz", StringComparison.Ordinal)
            ? UnpackXz(packed, path)
            : ReadWhole(packed, content.Length, path);
    }

    private static bool IsModule(TreePath path)
    {
        int suffix = path.Name.IndexOf(".ko", StringComparison.Ordinal);
        if (suffix < 0)
        {
            return false;
        }

        return path.Name[suffix..] switch
        {
            ".ko" or ".ko.xz" => true,
            ".ko.zst" or ".ko.gz" => throw new MalformedDataException(
                path.ToString(), -1, "modules compressed like this are not read; .ko and .ko.xz are."),
            _ => false,
        };
    }

    private static ImmutableArray<ModuleInfo> ReadModules(FileTree tree, TreePath folder, string[] paths)
    {
        ModuleInfo[] modules = new ModuleInfo[paths.Length];
        InParallel.ForEach(
            paths.Index(),
            item => modules[item.Index] = ModuleInfoReader.Read(ReadModule(tree, folder.Append(item.Item)), item.Item));
        return [.. modules];
    }

    private static IEnumerable<ModuleInfo> SortAsTheKernelDoes(
        ImmutableArray<ModuleInfo> modules, IReadOnlyList<string> order)
    {
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        foreach ((int place, string path) in order.Index())
        {
            places[path] = place;
        }

        return modules
            .OrderBy(module => places.GetValueOrDefault(WithoutCompression(module.Path), int.MaxValue))
            .ThenBy(module => module.Path, StringComparer.Ordinal);
    }

    private static string WithoutCompression(string path) =>
        path.EndsWith(".xz", StringComparison.Ordinal) ? path[..^3] : path;

    private static string[] ReadLines(FileTree tree, TreePath folder, string name) =>
        Encoding.UTF8.GetString(tree.ReadFile(folder.Append(name).Value))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<BuiltInAlias> ReadBuiltInAliases(FileTree tree, TreePath folder)
    {
        foreach (string text in ModuleInfoReader.SplitStrings(
            tree.ReadFile(folder.Append("modules.builtin.modinfo").Value)))
        {
            int dot = text.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && text.AsSpan(dot + 1).StartsWith("alias=", StringComparison.Ordinal))
            {
                yield return new BuiltInAlias(ModuleName.Normalize(text[..dot]), text[(dot + 1 + "alias=".Length)..]);
            }
        }
    }

    private static byte[] ReadWhole(Stream stream, long length, TreePath path)
    {
        if (length > LargestModuleBytes)
        {
            throw TooLarge(path);
        }

        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] UnpackXz(Stream packed, TreePath path)
    {
        using XzStream stream = new(packed, path.ToString());
        using MemoryStream whole = new();
        byte[] buffer = new byte[81920];
        for (int count; (count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            whole.Write(buffer, 0, count);
            if (whole.Length > LargestModuleBytes)
            {
                throw TooLarge(path);
            }
        }

        return whole.ToArray();
    }

    private static MalformedDataException TooLarge(TreePath path) =>
        new(path.ToString(), LargestModuleBytes, $"the module is larger than {LargestModuleBytes >> 20} MiB.");
}
