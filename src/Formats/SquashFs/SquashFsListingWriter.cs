namespace Images.Formats.SquashFs;

/// <summary>
/// Writes a directory's sorted entries, grouped under headers, with an index where the listing is long.
/// </summary>
internal static class SquashFsListingWriter
{
    public static SquashFsListing Write(IReadOnlyList<SquashFsListingEntry> entries, SquashFsMetadataWriter table)
    {
        SquashFsMetadataPosition start = table.Position;
        List<SquashFsDirectoryIndex> index = [];
        int offset = 0;
        int indexedOffset = 0;
        for (int first = 0; first < entries.Count;)
        {
            if (offset + SquashFsDirectoryHeader.Size + SizeOf(
                entries[first]) - indexedOffset > SquashFsConstants.MetadataBlockSize)
            {
                index.Add(new SquashFsDirectoryIndex((uint)offset, table.Position.BlockStart, entries[first].Name));
                indexedOffset = offset;
            }

            int count = CountGroup(entries, first, offset + SquashFsDirectoryHeader.Size - indexedOffset);
            offset += WriteGroup(entries, first, count, table);
            first += count;
        }

        return new SquashFsListing(start, offset, index);
    }

    /// <summary>
    /// Entries under one header: at most 256, inodes in one metadata block, numbers within a signed 16-bit difference,
    /// and none that reaches more than 8 KiB beyond the last indexed place, so that the index has a step in each block.
    /// </summary>
    private static int CountGroup(IReadOnlyList<SquashFsListingEntry> entries, int first, int sinceIndexed)
    {
        SquashFsListingEntry head = entries[first];
        int count = 0;
        for (int i = first; i < entries.Count && count < SquashFsConstants.EntriesPerHeader; i++, count++)
        {
            sinceIndexed += SizeOf(entries[i]);
            long difference = (long)entries[i].InodeNumber - head.InodeNumber;
            bool fits = entries[i].Inode.BlockStart == head.Inode.BlockStart
                && difference is >= short.MinValue and <= short.MaxValue
                && sinceIndexed <= SquashFsConstants.MetadataBlockSize;
            if (!fits && count > 0)
            {
                break;
            }
        }

        return count;
    }

    private static int WriteGroup(
        IReadOnlyList<SquashFsListingEntry> entries, int first, int count, SquashFsMetadataWriter table)
    {
        SquashFsListingEntry head = entries[first];
        Span<byte> header = stackalloc byte[SquashFsDirectoryHeader.Size];
        new SquashFsDirectoryHeader
        {
            Count = (uint)count,
            StartBlock = head.Inode.BlockStart,
            InodeNumber = head.InodeNumber,
        }
            .WriteTo(header);
        table.Write(header);
        int size = header.Length;
        Span<byte> record = stackalloc byte[SquashFsDirectoryEntry.FixedSize];
        for (int i = first; i < first + count; i++)
        {
            SquashFsListingEntry entry = entries[i];
            new SquashFsDirectoryEntry
            {
                Offset = entry.Inode.Offset,
                InodeDifference = (short)((long)entry.InodeNumber - head.InodeNumber),
                Type = entry.Type,
                NameLength = entry.Name.Length,
            }.WriteTo(record);
            table.Write(record);
            table.Write(entry.Name);
            size += SizeOf(entry);
        }

        return size;
    }

    private static int SizeOf(SquashFsListingEntry entry) => SquashFsDirectoryEntry.FixedSize + entry.Name.Length;
}
