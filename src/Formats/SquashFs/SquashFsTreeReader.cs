using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>Walks an image's directories and makes a tree of what they name.</summary>
internal sealed class SquashFsTreeReader(SquashFsMetadataReader listings, SquashFsInodeReader inodes, string name)
{
    /// <summary>Names an image may have; far beyond any of ours, it bounds memory.</summary>
    private const int NameCountLimit = 1 << 21;

    private readonly SortedDictionary<TreePath, SquashFsMetadataPosition> _places = [];
    private readonly Dictionary<SquashFsMetadataPosition, SquashFsInode> _inodes = [];
    private long _listingBytes;

    /// <summary>Inodes found.</summary>
    public int InodeCount => _inodes.Count;

    /// <exception cref="MalformedDataException">The directories are no tree, or a name or inode is broken.</exception>
    public FileTree Read(SquashFsMetadataPosition root)
    {
        Stack<(TreePath Path, SquashFsInode Directory)> waiting = new();
        SquashFsInode rootInode = Place(TreePath.Root, root);
        if (rootInode.Directory is null)
        {
            throw new MalformedDataException(name, rootInode.ImageOffset, "the root's inode is no directory");
        }

        waiting.Push((TreePath.Root, rootInode));
        while (waiting.TryPop(out (TreePath Path, SquashFsInode Directory) next))
        {
            foreach (SquashFsListingEntry entry in ReadListing(next.Directory))
            {
                TreePath path = PathOf(next.Path, entry, next.Directory);
                bool isKnown = _inodes.ContainsKey(entry.Inode);
                SquashFsInode inode = Place(path, entry.Inode);
                if (inode.Header.InodeNumber != entry.InodeNumber || BasicTypeOf(inode.Header.Type) != entry.Type)
                {
                    throw new MalformedDataException(
                        name,
                        inode.ImageOffset,
                        $"the name {path} promises another inode number or type than its inode has");
                }

                if (inode.Directory is not null)
                {
                    waiting.Push(
                        isKnown
                            ? throw new MalformedDataException(
                                name, inode.ImageOffset, $"the directory {path} has a second name")
                            : (path, inode));
                }
            }
        }

        return Build();
    }

    private static SquashFsInodeType BasicTypeOf(SquashFsInodeType type) =>
        type < SquashFsInodeType.ExtendedDirectory
            ? type
            : type - (SquashFsInodeType.ExtendedDirectory - SquashFsInodeType.Directory);

    private SquashFsInode Place(TreePath path, SquashFsMetadataPosition position)
    {
        if (_places.Count == NameCountLimit)
        {
            throw new MalformedDataException(name, -1, $"the image has more than {NameCountLimit} names");
        }

        _places.Add(path, position);
        if (!_inodes.TryGetValue(position, out SquashFsInode? inode))
        {
            inode = inodes.Read(position);
            _inodes.Add(position, inode);
        }

        return inode;
    }

    private TreePath PathOf(TreePath folder, SquashFsListingEntry entry, SquashFsInode directory)
    {
        string? text = SquashFsNames.Decode(entry.Name);
        if (text is null or "" or "." or ".."
            || text.AsSpan().ContainsAny('/', '\0')
            || folder.Value.Length + entry.Name.Length >= SquashFsConstants.PathLimit)
        {
            throw new MalformedDataException(
                name,
                directory.ImageOffset,
                $"the directory {folder} holds a name that is empty, not UTF-8, too long, or leads out of it");
        }

        return folder.Append(text);
    }

    private List<SquashFsListingEntry> ReadListing(SquashFsInode inode)
    {
        SquashFsListingReader reader = new(listings, inode);
        List<SquashFsListingEntry> entries = reader.Read();
        _listingBytes += reader.Size;
        return _listingBytes <= listings.LengthLimit
            ? entries
            : throw new MalformedDataException(
                name, inode.ImageOffset, "listings overlap: together they are longer than their table");
    }

    /// <summary>Of several names of one file the first in path order is the file, the others are links to it.</summary>
    private FileTree Build()
    {
        FileTreeBuilder builder = new(modifiedUnixSeconds: 0);
        Dictionary<SquashFsMetadataPosition, TreePath> firstNames = [];
        foreach ((TreePath path, SquashFsMetadataPosition position) in _places)
        {
            TreeNode node = _inodes[position].Node;
            bool isLink = node is FileNode && !firstNames.TryAdd(position, path);
            builder.Set(path, isLink ? new HardLinkNode { Mode = node.Mode, Target = firstNames[position] } : node);
        }

        return builder.Build();
    }
}
