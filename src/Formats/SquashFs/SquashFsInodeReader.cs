using System.Buffers.Binary;
using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>Reads single inodes. All of them together may not claim more bytes than the inode table has.</summary>
internal sealed class SquashFsInodeReader(
    SquashFsMetadataReader table, IReadOnlyList<int> ids, SquashFsBlockSource blocks)
{
    private const int WordsAtOnce = 2048;

    private readonly byte[] _body = new byte[SquashFsFileInode.ExtendedSize];
    private long _bytesRead;

    /// <exception cref="MalformedDataException">No inode that a tree can hold starts there.</exception>
    public SquashFsInode Read(SquashFsMetadataPosition position)
    {
        SquashFsMetadataCursor cursor = new(table, position);
        byte[] bytes = new byte[SquashFsInodeHeader.Size];
        cursor.Read(bytes);
        SquashFsInodeHeader header = SquashFsInodeHeader.Read(bytes);
        SquashFsInode inode = new()
        {
            Header = header,
            ImageOffset = table.Start + position.BlockStart,
            Node = new DirectoryNode
            {
                Mode = header.Mode,
                Uid = IdAt(header.UidIndex, cursor),
                Gid = IdAt(header.GidIndex, cursor),
                ModifiedUnixSeconds = header.ModifiedUnixSeconds,
            },
        };
        if (header.Mode > 0xFFF)
        {
            throw cursor.Malformed(
                $"an inode's mode {Convert.ToString(header.Mode, 8)} has more than the permission bits");
        }

        inode = header.Type switch
        {
            SquashFsInodeType.Directory or SquashFsInodeType.ExtendedDirectory => ReadDirectory(inode, cursor),
            SquashFsInodeType.File or SquashFsInodeType.ExtendedFile => ReadFile(inode, cursor),
            SquashFsInodeType.Symlink or SquashFsInodeType.ExtendedSymlink => ReadSymlink(inode, cursor),
            SquashFsInodeType.BlockDevice or SquashFsInodeType.ExtendedBlockDevice =>
                ReadDevice(inode, DeviceKind.Block, cursor),
            SquashFsInodeType.CharacterDevice or SquashFsInodeType.ExtendedCharacterDevice =>
                ReadDevice(inode, DeviceKind.Character, cursor),
            _ => throw cursor.Malformed(
                $"inode {header.InodeNumber} has the type {header.Type}, which an image of ours cannot hold"),
        };
        _bytesRead += cursor.BytesRead;
        return _bytesRead <= table.LengthLimit
            ? inode
            : throw cursor.Malformed("inodes overlap: together they are longer than their table");
    }

    private int IdAt(ushort index, SquashFsMetadataCursor cursor) =>
        index < ids.Count
            ? ids[index]
            : throw cursor.Malformed($"an owner's index {index} lies beyond the {ids.Count} ids");

    private SquashFsInode ReadDirectory(SquashFsInode inode, SquashFsMetadataCursor cursor)
    {
        if (inode.Header.Type == SquashFsInodeType.Directory)
        {
            return inode with
            {
                Directory = SquashFsDirectoryInode.ReadBasic(ReadBody(cursor, SquashFsDirectoryInode.BasicSize)),
            };
        }

        SquashFsDirectoryInode directory = SquashFsDirectoryInode.ReadExtended(
            ReadBody(cursor, SquashFsDirectoryInode.ExtendedSize));
        RefuseXattrs(directory.Xattr, inode, cursor);
        List<SquashFsDirectoryIndex> index = [];
        for (int i = 0; i < directory.IndexCount; i++)
        {
            ReadOnlySpan<byte> step = ReadBody(cursor, SquashFsDirectoryIndex.FixedSize);
            uint listingOffset = BinaryPrimitives.ReadUInt32LittleEndian(step);
            uint startBlock = BinaryPrimitives.ReadUInt32LittleEndian(step[4..]);
            uint nameLength = BinaryPrimitives.ReadUInt32LittleEndian(step[8..]);
            if (nameLength >= SquashFsConstants.NameLimit)
            {
                throw cursor.Malformed("a name in a directory's index is too long");
            }

            byte[] name = new byte[nameLength + 1];
            cursor.Read(name);
            index.Add(new SquashFsDirectoryIndex(listingOffset, startBlock, name));
        }

        return inode with { Directory = directory, Index = index };
    }

    private SquashFsInode ReadFile(SquashFsInode inode, SquashFsMetadataCursor cursor)
    {
        bool isBasic = inode.Header.Type == SquashFsInodeType.File;
        SquashFsFileInode file = isBasic
            ? SquashFsFileInode.ReadBasic(ReadBody(cursor, SquashFsFileInode.BasicSize))
            : SquashFsFileInode.ReadExtended(ReadBody(cursor, SquashFsFileInode.ExtendedSize));
        RefuseXattrs(file.Xattr, inode, cursor);
        bool hasTail = file.Fragment != SquashFsConstants.NoFragment;
        ulong tailLength = file.FileSize % (ulong)blocks.BlockSize;
        ulong blockCount = (file.FileSize / (ulong)blocks.BlockSize) + (tailLength > 0 && !hasTail ? 1UL : 0);
        if (blockCount > (ulong)table.LengthLimit / sizeof(uint))
        {
            throw cursor.Malformed(
                $"a file of {file.FileSize} bytes needs more blocks than the inode table has room to name");
        }

        if (hasTail
            && (file.Fragment >= blocks.Fragments.Count || tailLength == 0 || file.FragmentOffset > (
                ulong)blocks.BlockSize - tailLength))
        {
            throw cursor.Malformed(
                $"a file's tail of {tailLength} bytes lies at byte {file.FragmentOffset} of fragment block "
                    + $"{file.Fragment}, which is impossible");
        }

        StoredFile stored = new()
        {
            Length = (long)file.FileSize,
            StartOffset = file.StartBlock <= (ulong)blocks.Length
                ? (long)file.StartBlock
                : throw cursor.Malformed("a file starts beyond the image's end"),
            BlockSizes = ReadWords((int)blockCount, cursor),
            Fragment = hasTail ? (int)file.Fragment : -1,
            FragmentOffset = hasTail ? (int)file.FragmentOffset : 0,
        };
        return inode with
        {
            Node = new FileNode
            {
                Mode = inode.Node.Mode,
                Uid = inode.Node.Uid,
                Gid = inode.Node.Gid,
                ModifiedUnixSeconds = inode.Node.ModifiedUnixSeconds,
                Content = new SquashFsImageContent(blocks, stored),
            },
        };
    }

    /// <summary>The list grows with the bytes that are there, not with the number that a bad inode names.</summary>
    private static uint[] ReadWords(int count, SquashFsMetadataCursor cursor)
    {
        List<uint> words = [];
        byte[] bytes = new byte[Math.Min(count, WordsAtOnce) * sizeof(uint)];
        while (words.Count < count)
        {
            Span<byte> part = bytes.AsSpan(0, Math.Min(bytes.Length, (count - words.Count) * sizeof(uint)));
            cursor.Read(part);
            for (int i = 0; i < part.Length; i += sizeof(uint))
            {
                words.Add(BinaryPrimitives.ReadUInt32LittleEndian(part[i..]));
            }
        }

        return [.. words];
    }

    private SquashFsInode ReadSymlink(SquashFsInode inode, SquashFsMetadataCursor cursor)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(ReadBody(cursor, 8)[4..]);
        if (length is 0 or > SquashFsConstants.LinkTargetLimit)
        {
            throw cursor.Malformed($"a symlink's target cannot have {length} bytes");
        }

        byte[] target = new byte[length];
        cursor.Read(target);
        if (inode.Header.Type == SquashFsInodeType.ExtendedSymlink)
        {
            RefuseXattrs(BinaryPrimitives.ReadUInt32LittleEndian(ReadBody(cursor, 4)), inode, cursor);
        }

        SymlinkNode node = new()
        {
            Mode = inode.Node.Mode,
            Target = SquashFsNames.Decode(target) ?? throw cursor.Malformed("a symlink's target is not UTF-8"),
        };
        return inode with { Node = WithOwner(node, inode.Node) };
    }

    private SquashFsInode ReadDevice(SquashFsInode inode, DeviceKind kind, SquashFsMetadataCursor cursor)
    {
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(ReadBody(cursor, 8)[4..]);
        if (inode.Header.Type is SquashFsInodeType.ExtendedBlockDevice or SquashFsInodeType.ExtendedCharacterDevice)
        {
            RefuseXattrs(BinaryPrimitives.ReadUInt32LittleEndian(ReadBody(cursor, 4)), inode, cursor);
        }

        int major = (int)((number >> 8) & 0xFFF);
        int minor = (int)((number & 0xFF) | ((number >> 12) & 0xFFF00));
        return inode with
        {
            Node = WithOwner(
                new DeviceNode { Mode = inode.Node.Mode, Kind = kind, Major = major, Minor = minor }, inode.Node),
        };
    }

    private static TreeNode WithOwner(TreeNode node, TreeNode owner) =>
        node with { Uid = owner.Uid, Gid = owner.Gid, ModifiedUnixSeconds = owner.ModifiedUnixSeconds };

    private ReadOnlySpan<byte> ReadBody(SquashFsMetadataCursor cursor, int size)
    {
        cursor.Read(_body.AsSpan(0, size));
        return _body.AsSpan(0, size);
    }

    private static void RefuseXattrs(uint xattr, SquashFsInode inode, SquashFsMetadataCursor cursor)
    {
        if (xattr != SquashFsConstants.NoXattr)
        {
            throw cursor.Malformed(
                $"inode {inode.Header.InodeNumber} has extended attributes, which an image of ours cannot hold");
        }
    }
}
