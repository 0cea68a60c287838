using System.Globalization;
using System.Runtime.ExceptionServices;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Launcher.Programs;

namespace Images.Launcher.Roots;

/// <summary>
/// Writes an image's root as a folder, each file as a hard link to an object that all roots share. To be run by who may
/// give files to the ids they belong to: the machine's root, or the root of a user namespace.
/// </summary>
internal sealed class RootUnpacker
{
    private const int MostIds = 65535;
    private const int MadeMode = 0x1FF & ~0x3F; // 0700 until all is in its place

    private readonly string _objects;
    private readonly string _target;
    private readonly TreeOwners _owners;

    private RootUnpacker(string objects, string target, TreeOwners owners)
    {
        _objects = objects;
        _target = target;
        _owners = owners;
    }

    /// <summary>What a child of <see cref="RootStore"/> does.</summary>
    public static void RunAsChild(IReadOnlyList<string> arguments)
    {
        if (arguments is not [var image, var objects, var target])
        {
            throw new ArgumentException("image, folder of objects and target are expected", nameof(arguments));
        }

        Unpack(image, objects, target, new TreeOwners(0, 0));
    }

    /// <param name="image">A raw disk, or a root alone.</param>
    /// <param name="objects">Where files lie that roots share; on the same file system as the target.</param>
    /// <param name="target">Made; must not be there.</param>
    /// <param name="owners">How ids are written.</param>
    public static void Unpack(string image, string objects, string target, TreeOwners owners)
    {
        using RootFile root = RootFile.Open(image);
        FileTree tree = SquashFsReader.Read(root.Content, root.Name).Tree;
        new RootUnpacker(objects, target, owners).Write(tree);
    }

    private void Write(FileTree tree)
    {
        foreach ((TreePath path, TreeNode node) in tree.Nodes.Where(entry => entry.Value is DirectoryNode))
        {
            Directory.CreateDirectory(PlaceOf(path), (UnixFileMode)MadeMode);
        }

        for (int i = 0; i < 256; i++)
        {
            Directory.CreateDirectory(Path.Combine(_objects, i.ToString("x2", CultureInfo.InvariantCulture)));
        }

        WriteFiles(tree);

        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            WriteOther(PlaceOf(path), node);
        }

        // a folder's time changes with what is written into it
        foreach ((TreePath path, TreeNode node) in tree.Nodes.Where(entry => entry.Value is DirectoryNode).Reverse())
        {
            string place = PlaceOf(path);
            Own(place, node);
            File.SetUnixFileMode(place, (UnixFileMode)node.Mode);
            LinuxCalls.SetTime(place, node.ModifiedUnixSeconds);
        }
    }

    private void WriteFiles(FileTree tree)
    {
        try
        {
            // the big ones first, or the last of them would keep one processor busy alone
            Parallel.ForEach(
                tree.Nodes.Where(entry => entry.Value is FileNode)
                    .OrderByDescending(entry => ((FileNode)entry.Value).Content.Length)
                    .ThenBy(entry => entry.Key),
                entry => WriteFile(PlaceOf(entry.Key), (FileNode)entry.Value));
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    private void WriteFile(string place, FileNode node)
    {
        string key = ContentKey.Of(node, (StoredContent)node.Content);
        string stored = Path.Combine(_objects, key[..2], key[2..]);
        if (!File.Exists(stored))
        {
            WriteObject(stored, node);
        }

        LinuxCalls.Link(stored, place);
    }

    private void WriteObject(string stored, FileNode node)
    {
        string partial = $"{stored}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        using (Stream source = node.Content.OpenRead())
        using (FileStream target = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            source.CopyTo(target, 1 << 17);
        }

        Own(partial, node);
        File.SetUnixFileMode(partial, (UnixFileMode)node.Mode);
        LinuxCalls.SetTime(partial, node.ModifiedUnixSeconds);
        File.Move(partial, stored, overwrite: true);
    }

    private void WriteOther(string place, TreeNode node)
    {
        switch (node)
        {
            case SymlinkNode link:
                File.CreateSymbolicLink(place, link.Target);
                Own(place, node);
                LinuxCalls.SetTime(place, node.ModifiedUnixSeconds);
                break;
            case HardLinkNode link:
                LinuxCalls.Link(PlaceOf(link.Target), place);
                break;
            case DeviceNode:
                throw new LauncherException(
                    "BAKE0931",
                    place,
                    "is a device, which a user namespace cannot hold.",
                    "Leave it out of the image; /dev is made anew at each start.");
        }
    }

    /// <summary>Ids beyond the range would be somebody else's on this machine.</summary>
    private void Own(string place, TreeNode node)
    {
        if (node.Uid is < 0 or > MostIds || node.Gid is < 0 or > MostIds)
        {
            throw new LauncherException(
                "BAKE0933",
                place,
                $"belongs to {node.Uid}:{node.Gid}, and a node has the ids 0 to {MostIds}.",
                "Bake an image whose files have owners of these.");
        }

        LinuxCalls.ChangeOwner(place, node.Uid + _owners.UserShift, node.Gid + _owners.GroupShift);
    }

    private string PlaceOf(TreePath path) => Path.Combine(_target, path.ToString().TrimStart('/'));
}
