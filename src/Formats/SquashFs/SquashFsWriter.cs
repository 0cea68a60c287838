using System.Buffers.Binary;
using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>Writes a tree as SquashFS 4.0 with zlib blocks of 128 KiB.</summary>
internal static class SquashFsWriter
{
    /// <summary>
    /// Writes the image at the output's position and leaves the position after its padding. The output must be able to
    /// seek; it is only written. Contents from layers are copied as they are.
    /// </summary>
    /// <exception cref="ContentException">The format or Linux cannot hold something of the tree.</exception>
    public static SquashFsWriteResult Write(FileTree tree, SquashFsOptions options, Stream output)
    {
        long origin = output.Position;
        SquashFsInventory inventory = SquashFsInventory.Take(tree);
        output.Write(new byte[SquashFsSuperblock.Size]);
        SquashFsDataArea data = SquashFsDataArea.Write(tree, output, origin, options.WorkerCount);
        SquashFsInodeWriter inodes = new(inventory, data);

        // the tables are made in memory; if copying fails, nobody waits for them
        Task<SquashFsMetadataPosition> tables = Task.Run(() => inodes.Write((DirectoryNode)tree.Nodes[TreePath.Root]));
        data.CopyLayers(output);
        SquashFsMetadataPosition root = tables.GetAwaiter().GetResult();
        long dataEnd = output.Position - origin;

        ulong inodeTableStart = Append(inodes.InodeTable, output, origin);
        ulong directoryTableStart = Append(inodes.DirectoryTable, output, origin);
        ulong fragmentTableStart = SquashFsTable.Write(EncodeFragments(data.Fragments), output, origin);
        ulong idTableStart = SquashFsTable.Write(EncodeIds(inventory.Ids), output, origin);
        long bytesUsed = output.Position - origin;
        long paddedLength = Pad(bytesUsed, output);

        SquashFsSuperblock superblock = new()
        {
            InodeCount = (uint)inventory.InodeCount,
            ModifiedUnixSeconds = TimeOf(options),
            BlockSize = SquashFsConstants.BlockSize,
            FragmentCount = (uint)data.Fragments.Count,
            Compression = SquashFsConstants.ZlibCompression,
            BlockSizeLog = SquashFsConstants.BlockSizeLog,
            Flags = SquashFsFlags.AlwaysFragments | SquashFsFlags.Duplicates | SquashFsFlags.NoXattrs,
            IdCount = (ushort)inventory.Ids.Count,
            MajorVersion = SquashFsConstants.MajorVersion,
            RootInode = root.Packed,
            BytesUsed = (ulong)bytesUsed,
            IdTableStart = idTableStart,
            XattrTableStart = SquashFsConstants.NoTable,
            InodeTableStart = inodeTableStart,
            DirectoryTableStart = directoryTableStart,
            FragmentTableStart = fragmentTableStart,
            ExportTableStart = SquashFsConstants.NoTable,
        };
        WriteSuperblock(superblock, output, origin, paddedLength);
        return new SquashFsWriteResult
        {
            BytesUsed = bytesUsed,
            PaddedLength = paddedLength,
            InodeCount = inventory.InodeCount,
            ContentCount = data.ContentCount,
            FragmentCount = data.Fragments.Count,
            CopiedBytes = data.CopiedBytes,
            DataBytes = dataEnd - SquashFsSuperblock.Size,
        };
    }

    private static uint TimeOf(SquashFsOptions options) => options.TimeUnixSeconds is >= 0 and <= uint.MaxValue
        ? (uint)options.TimeUnixSeconds
        : throw new ContentException(
            "BAKE0506",
            "source date",
            $"{options.TimeUnixSeconds} does not fit 32 bits of seconds since 1970.",
            "Give a date between 1970 and 2106.");

    private static ulong Append(SquashFsMetadataWriter table, Stream output, long origin)
    {
        ulong start = (ulong)(output.Position - origin);
        table.CopyTo(output);
        return start;
    }

    private static byte[] EncodeFragments(IReadOnlyList<SquashFsFragment> fragments)
    {
        byte[] table = new byte[fragments.Count * SquashFsFragment.Size];
        for (int i = 0; i < fragments.Count; i++)
        {
            fragments[i].WriteTo(table.AsSpan(i * SquashFsFragment.Size));
        }

        return table;
    }

    private static byte[] EncodeIds(IReadOnlyList<int> ids)
    {
        byte[] table = new byte[ids.Count * sizeof(uint)];
        for (int i = 0; i < ids.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(i * sizeof(uint)), ids[i]);
        }

        return table;
    }

    private static long Pad(long length, Stream output)
    {
        int padding = (int)(-length & (SquashFsConstants.ImageAlignment - 1));
        output.Write(new byte[padding]);
        return length + padding;
    }

    private static void WriteSuperblock(SquashFsSuperblock superblock, Stream output, long origin, long paddedLength)
    {
        byte[] bytes = new byte[SquashFsSuperblock.Size];
        superblock.WriteTo(bytes);
        output.Position = origin;
        output.Write(bytes);
        output.Position = origin + paddedLength;
    }
}
