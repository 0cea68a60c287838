using Images.Formats.Tree;

namespace Images.Baker.Tests.Boot;

/// <summary>A folder of this machine as a tree: what a package unpacked by dpkg-deb looks like to the Baker.</summary>
internal static class HostFolderTree
{
    public static FileTree Read(string folder)
    {
        FileTreeBuilder builder = new(0);
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = default }))
        {
            string path = Path.GetRelativePath(folder, entry.FullName);
            if (entry.LinkTarget is { } target)
            {
                builder.AddSymlink(path, target);
            }
            else if (entry is DirectoryInfo)
            {
                builder.AddDirectory(path);
            }
            else
            {
                builder.AddFile(path, new HostFileContent(entry.FullName), (int)entry.UnixFileMode);
            }
        }

        return builder.Build();
    }

    /// <summary>Writes the regular files and folders of a tree below a folder.</summary>
    public static void Write(FileTree tree, string folder)
    {
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            string target = Path.Combine(folder, path.Value);
            if (node is DirectoryNode)
            {
                Directory.CreateDirectory(target);
            }
            else if (node is FileNode)
            {
                File.WriteAllBytes(target, tree.ReadFile(path.Value));
            }
        }
    }
}
