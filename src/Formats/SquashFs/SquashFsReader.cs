using System.Buffers.Binary;
using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// Reads SquashFS 4.0 with zlib: everything of it that a tree can hold, nothing believed before it is checked.
/// </summary>
internal sealed class SquashFsReader
{
    private const int BlockSizeLogFrom = 12;
    private const int BlockSizeLogTo = 20;

    private readonly Stream _stream;
    private readonly long _origin;
    private readonly string _name;

    private SquashFsReader(Stream stream, string name)
    {
        _stream = stream;
        _origin = stream.Position;
        _name = name;
    }

    /// <summary>
    /// Reads the image that starts at the stream's position. Contents are read from the stream when asked for.
    /// </summary>
    /// <param name="stream">Must be able to seek; stays the caller's.</param>
    /// <param name="name">For messages; their offsets count from the image's start.</param>
    /// <exception cref="MalformedDataException">The first broken rule.</exception>
    public static SquashFsImage Read(Stream stream, string name) => new SquashFsReader(stream, name).Read();

    private SquashFsImage Read()
    {
        SquashFsSuperblock superblock = ReadSuperblock();
        long end = (long)superblock.BytesUsed;
        (byte[] idTable, long idsStart) = ReadTable(
            superblock.IdTableStart, superblock.IdCount * (long)sizeof(uint), end);
        (byte[] fragmentTable, long fragmentsStart) = superblock.FragmentCount == 0
            ? ([], Math.Min(idsStart, (long)Math.Min(superblock.FragmentTableStart, (ulong)end)))
            : ReadTable(superblock.FragmentTableStart, superblock.FragmentCount * (long)SquashFsFragment.Size, end);

        SquashFsBlockSource blocks = new(
            _stream, _origin, (long)superblock.InodeTableStart, _name, (int)superblock.BlockSize, DecodeFragments(
                fragmentTable, superblock));
        SquashFsMetadataReader inodeTable = new(
            _stream, _origin, (long)superblock.InodeTableStart, (long)superblock.DirectoryTableStart, _name);
        SquashFsMetadataReader directoryTable = new(
            _stream, _origin, (long)superblock.DirectoryTableStart, fragmentsStart, _name);
        SquashFsTreeReader reader = new(
            directoryTable, new SquashFsInodeReader(inodeTable, DecodeIds(idTable, superblock), blocks), _name);
        FileTree tree = reader.Read(
            new SquashFsMetadataPosition((uint)(superblock.RootInode >> 16), (ushort)(superblock.RootInode & 0xFFFF)));
        return reader.InodeCount == superblock.InodeCount
            ? new SquashFsImage(superblock, tree)
            : throw new MalformedDataException(
                _name,
                4,
                $"the superblock counts {superblock.InodeCount} inodes, the directories name {reader.InodeCount}");
    }

    private SquashFsSuperblock ReadSuperblock()
    {
        byte[] bytes = new byte[SquashFsSuperblock.Size];
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != SquashFsConstants.Magic)
        {
            throw new MalformedDataException(_name, 0, "no SquashFS starts here: the magic number is missing");
        }

        SquashFsSuperblock superblock = SquashFsSuperblock.Read(bytes);
        Require(
            superblock is { MajorVersion: SquashFsConstants.MajorVersion, MinorVersion: 0 },
            28,
            $"version {superblock.MajorVersion}.{superblock.MinorVersion} is not 4.0");
        Require(
            superblock.Compression == SquashFsConstants.ZlibCompression,
            20,
            $"the compression is number {superblock.Compression}; only 1 (gzip) is read");
        Require(
            superblock.BlockSizeLog is >= BlockSizeLogFrom and <= BlockSizeLogTo
                && superblock.BlockSize == 1u << superblock.BlockSizeLog,
            12,
            "block size and its logarithm disagree, or are out of range");
        Require(
            superblock.BytesUsed <= (ulong)(_stream.Length - _origin),
            40,
            $"the image should have {superblock.BytesUsed} bytes and is shorter");
        Require(superblock.RootInode >> 48 == 0, 32, "the root's inode lies beyond any table");
        Require(superblock.IdCount > 0, 26, "there are no owners' ids");
        Require(
            superblock.InodeTableStart >= SquashFsSuperblock.Size
                && superblock.InodeTableStart < superblock.DirectoryTableStart,
            64,
            "the inode table is not where it can be");
        Require(
            superblock.DirectoryTableStart <= superblock.IdTableStart && superblock.IdTableStart < superblock.BytesUsed,
            72,
            "the directory or id table is not where it can be");
        Require(
            superblock.FragmentCount == 0
                || (superblock.FragmentTableStart > superblock.DirectoryTableStart
                    && superblock.FragmentTableStart < superblock.BytesUsed),
            80,
            "the fragment table is not where it can be");
        return superblock;
    }

    /// <summary>
    /// Reads a table through its list of blocks, which must ascend; returns its bytes and where its first block starts.
    /// </summary>
    private (byte[] Table, long FirstBlock) ReadTable(ulong listStart, long length, long end)
    {
        long blockCount = (length + SquashFsConstants.MetadataBlockSize - 1) / SquashFsConstants.MetadataBlockSize;
        Require(
            blockCount <= (end - (long)listStart) / sizeof(ulong),
            (long)listStart,
            $"a table of {length} bytes has no room for its list of blocks");
        byte[] list = new byte[blockCount * sizeof(ulong)];
        _stream.Position = _origin + (long)listStart;
        _stream.ReadExactly(list);
        long first = BinaryPrimitives.ReadInt64LittleEndian(list);
        Require(
            first >= SquashFsSuperblock.Size && first < (long)listStart,
            (long)listStart,
            "a table's first block is not where it can be");

        // walking the chain first bounds what is allocated by what is stored
        SquashFsMetadataReader blocks = new(_stream, _origin, first, (long)listStart, _name);
        Require(length <= blocks.LengthLimit, (long)listStart, $"a table of {length} bytes is longer than its blocks");
        byte[] table = new byte[length];
        new SquashFsMetadataCursor(blocks, default).Read(table);
        return (table, first);
    }

    private int[] DecodeIds(byte[] table, SquashFsSuperblock superblock)
    {
        int[] ids = new int[superblock.IdCount];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(i * sizeof(uint)));
            Require(
                ids[i] >= 0, (long)superblock.IdTableStart, $"owner's id {unchecked((uint)ids[i])} is out of range");
        }

        return ids;
    }

    private SquashFsFragment[] DecodeFragments(byte[] table, SquashFsSuperblock superblock)
    {
        SquashFsFragment[] fragments = new SquashFsFragment[table.Length / SquashFsFragment.Size];
        for (int i = 0; i < fragments.Length; i++)
        {
            ReadOnlySpan<byte> record = table.AsSpan(i * SquashFsFragment.Size, SquashFsFragment.Size);
            Require(
                BinaryPrimitives.ReadUInt64LittleEndian(record) < superblock.InodeTableStart,
                (long)superblock.FragmentTableStart,
                $"fragment block {i} lies beyond the data");
            fragments[i] = SquashFsFragment.Read(record);
        }

        return fragments;
    }

    private void Require(bool holds, long offset, string rule)
    {
        if (!holds)
        {
            throw new MalformedDataException(_name, offset, rule);
        }
    }
}
