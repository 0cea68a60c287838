using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Images.Baker.Caching;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Boot.Kmod;

/// <summary>
/// Keeps what the modules of a kernel say of themselves, under a digest of all their paths and contents.
/// </summary>
internal static class ModuleInfoCache
{
    /// <summary>Goes up when <see cref="ModuleInfo"/> or its reader changes.</summary>
    private const string FormatVersion = "1";

    public static ImmutableArray<ModuleInfo> GetOrRead(
        ResultCache cache, FileTree tree, TreePath folder, IEnumerable<string> paths,
        Func<ImmutableArray<ModuleInfo>> read)
    {
        byte[] json = cache.GetOrMake("modules", KeyOf(tree, folder, paths), () =>
            JsonSerializer.SerializeToUtf8Bytes(read(), ModuleInfoJson.Default.ImmutableArrayModuleInfo));
        return JsonSerializer.Deserialize(json, ModuleInfoJson.Default.ImmutableArrayModuleInfo);
    }

    /// <summary>Of paths below the folder and their contents.</summary>
    public static Digest KeyOf(FileTree tree, TreePath folder, IEnumerable<string> paths)
    {
        StringBuilder inputs = new(FormatVersion);
        foreach (string path in paths)
        {
            TreeNode node = tree.Nodes[folder.Append(path)];
            FileNode file = (FileNode)(node is HardLinkNode link ? tree.Nodes[link.Target] : node);
            inputs.Append('\n').Append(path).Append(' ').Append(file.Content.Digest);
        }

        return Digest.Sha256(Encoding.UTF8.GetBytes(inputs.ToString()));
    }
}
