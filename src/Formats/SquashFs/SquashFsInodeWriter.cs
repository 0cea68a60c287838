using System.Buffers.Binary;
using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>Writes the inode table and the directory table of a tree whose contents are already stored.</summary>
internal sealed class SquashFsInodeWriter(SquashFsInventory inventory, SquashFsDataArea data)
{
    private readonly SquashFsMetadataWriter _inodes = new();
    private readonly SquashFsMetadataWriter _listings = new();
    private readonly Dictionary<TreePath, SquashFsMetadataPosition> _positions = [];
    private readonly Dictionary<TreePath, (SquashFsDirectory Directory, SquashFsListing Listing)> _written = [];
    private readonly byte[] _record =
        new byte[SquashFsInodeHeader.Size + Math.Max(
            SquashFsFileInode.ExtendedSize, SquashFsDirectoryInode.ExtendedSize)];

    public SquashFsMetadataWriter InodeTable => _inodes;

    public SquashFsMetadataWriter DirectoryTable => _listings;

    /// <summary>Writes everything; returns where the root's inode lies.</summary>
    public SquashFsMetadataPosition Write(DirectoryNode root)
    {
        foreach (SquashFsDirectory directory in inventory.Directories)
        {
            // a directory's inodes stand side by side, so that its listing needs few headers
            List<SquashFsListingEntry> entries = new(directory.Children.Count);
            foreach (SquashFsChild child in directory.Children)
            {
                uint parent = inventory.InodeNumberOf(directory.Path);
                SquashFsMetadataPosition position = WriteInode(child.InodePath, child.Node, parent);
                entries.Add(
                    new SquashFsListingEntry(
                        child.Name, TypeOf(child.Node), inventory.InodeNumberOf(child.InodePath), position));
            }

            _written.Add(directory.Path, (directory, SquashFsListingWriter.Write(entries, _listings)));
        }

        // the root's parent is a number that no inode has
        return WriteInode(TreePath.Root, root, (uint)inventory.InodeCount + 1);
    }

    private SquashFsMetadataPosition WriteInode(TreePath path, TreeNode node, uint parent)
    {
        if (_positions.TryGetValue(path, out SquashFsMetadataPosition known))
        {
            return known;
        }

        SquashFsMetadataPosition position = _inodes.Position;
        _positions.Add(path, position);
        switch (node)
        {
            case DirectoryNode:
                WriteDirectory(path, node, parent);
                break;
            case FileNode file:
                WriteFile(path, file);
                break;
            case SymlinkNode link:
                WriteSymlink(path, link);
                break;
            case DeviceNode device:
                WriteDevice(path, device);
                break;
            default:
                throw new InvalidOperationException($"{path} is a {node.GetType().Name}, which has no inode.");
        }

        return position;
    }

    private void WriteDirectory(TreePath path, TreeNode node, uint parent)
    {
        (SquashFsDirectory directory, SquashFsListing listing) = _written[path];
        SquashFsDirectoryInode inode = new()
        {
            StartBlock = listing.Start.BlockStart,
            Offset = listing.Start.Offset,
            LinkCount = 2 + (uint)directory.Children.Count(child => child.Node is DirectoryNode),
            FileSize = (uint)listing.Size + SquashFsConstants.DirectorySizeBias,
            ParentInodeNumber = parent,
            IndexCount = (ushort)listing.Index.Count,
            Xattr = SquashFsConstants.NoXattr,
        };
        if (listing.Index.Count == 0 && inode.FileSize <= ushort.MaxValue)
        {
            inode.WriteBasicTo(_record.AsSpan(SquashFsInodeHeader.Size));
            WriteRecord(path, node, SquashFsInodeType.Directory, SquashFsDirectoryInode.BasicSize);
            return;
        }

        inode.WriteExtendedTo(_record.AsSpan(SquashFsInodeHeader.Size));
        WriteRecord(path, node, SquashFsInodeType.ExtendedDirectory, SquashFsDirectoryInode.ExtendedSize);
        Span<byte> step = stackalloc byte[SquashFsDirectoryIndex.FixedSize];
        foreach (SquashFsDirectoryIndex index in listing.Index)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(step, index.ListingOffset);
            BinaryPrimitives.WriteUInt32LittleEndian(step[4..], index.StartBlock);
            BinaryPrimitives.WriteUInt32LittleEndian(step[8..], (uint)index.Name.Length - 1);
            _inodes.Write(step);
            _inodes.Write(index.Name.Span);
        }
    }

    private void WriteFile(TreePath path, FileNode node)
    {
        StoredFile stored = data.Find(node.Content);
        SquashFsFileInode inode = new()
        {
            StartBlock = (ulong)stored.StartOffset,
            FileSize = (ulong)stored.Length,
            SparseBytes = (ulong)stored.BlockSizes.Count(word => word == 0) * SquashFsConstants.BlockSize,
            LinkCount = inventory.LinkCountOf(path),
            Fragment = stored.Fragment < 0 ? SquashFsConstants.NoFragment : (uint)stored.Fragment,
            FragmentOffset = (uint)stored.FragmentOffset,
            Xattr = SquashFsConstants.NoXattr,
        };
        if (inode.NeedsExtended)
        {
            inode.WriteExtendedTo(_record.AsSpan(SquashFsInodeHeader.Size));
            WriteRecord(path, node, SquashFsInodeType.ExtendedFile, SquashFsFileInode.ExtendedSize);
        }
        else
        {
            inode.WriteBasicTo(_record.AsSpan(SquashFsInodeHeader.Size));
            WriteRecord(path, node, SquashFsInodeType.File, SquashFsFileInode.BasicSize);
        }

        Span<byte> word = stackalloc byte[4];
        foreach (uint size in stored.BlockSizes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, size);
            _inodes.Write(word);
        }
    }

    private void WriteSymlink(TreePath path, SymlinkNode node)
    {
        byte[] target = Encoding.UTF8.GetBytes(node.Target);
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(SquashFsInodeHeader.Size), inventory.LinkCountOf(path));
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(SquashFsInodeHeader.Size + 4), (uint)target.Length);
        WriteRecord(path, node, SquashFsInodeType.Symlink, bodySize: 8);
        _inodes.Write(target);
    }

    private void WriteDevice(TreePath path, DeviceNode node)
    {
        // new_encode_dev of Linux (include/linux/kdev_t.h): the minor number's low byte, the major number, the rest of
        // the minor
        uint number = (uint)((node.Minor & 0xFF) | (node.Major << 8)) | ((uint)(node.Minor & ~0xFF) << 12);
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(SquashFsInodeHeader.Size), inventory.LinkCountOf(path));
        BinaryPrimitives.WriteUInt32LittleEndian(_record.AsSpan(SquashFsInodeHeader.Size + 4), number);
        WriteRecord(path, node, TypeOf(node), bodySize: 8);
    }

    /// <summary>Puts the common header before the body that lies in the record, and writes both.</summary>
    private void WriteRecord(TreePath path, TreeNode node, SquashFsInodeType type, int bodySize)
    {
        new SquashFsInodeHeader
        {
            Type = type,
            Mode = (ushort)node.Mode,
            UidIndex = inventory.IdIndexOf(node.Uid),
            GidIndex = inventory.IdIndexOf(node.Gid),
            ModifiedUnixSeconds = (uint)node.ModifiedUnixSeconds,
            InodeNumber = inventory.InodeNumberOf(path),
        }.WriteTo(_record);
        _inodes.Write(_record.AsSpan(0, SquashFsInodeHeader.Size + bodySize));
    }

    private static SquashFsInodeType TypeOf(TreeNode node) => node switch
    {
        DirectoryNode => SquashFsInodeType.Directory,
        FileNode => SquashFsInodeType.File,
        SymlinkNode => SquashFsInodeType.Symlink,
        DeviceNode { Kind: DeviceKind.Block } => SquashFsInodeType.BlockDevice,
        DeviceNode => SquashFsInodeType.CharacterDevice,
        _ => throw new InvalidOperationException($"A {node.GetType().Name} has no inode."),
    };
}
