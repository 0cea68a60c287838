namespace Images.Formats.SquashFs;

/// <summary>Reads one directory's listing and holds its index against it.</summary>
internal sealed class SquashFsListingReader(SquashFsMetadataReader table, SquashFsInode inode)
{
    private readonly List<SquashFsListingEntry> _entries = [];
    private int _indexSteps;

    /// <summary>Bytes of the listing, as the inode says.</summary>
    public long Size { get; } = inode.Directory!.Value.FileSize - (long)SquashFsConstants.DirectorySizeBias;

    /// <exception cref="MalformedDataException">
    /// Records do not fill the listing, names are not ascending, or the index leads astray.
    /// </exception>
    public List<SquashFsListingEntry> Read()
    {
        if (Size < 0 || Size > table.LengthLimit)
        {
            throw new MalformedDataException(
                table.Name, inode.ImageOffset, $"a directory's listing cannot have {Size} bytes");
        }

        if (Size == 0)
        {
            return _entries;
        }

        SquashFsDirectoryInode directory = inode.Directory!.Value;
        SquashFsMetadataCursor cursor = new(
            table, new SquashFsMetadataPosition(directory.StartBlock, directory.Offset));
        while (cursor.BytesRead < Size)
        {
            ReadGroup(cursor);
        }

        if (cursor.BytesRead != Size || _indexSteps != inode.Index.Count)
        {
            throw cursor.Malformed(
                "a directory's listing is longer than its inode says, or its index names other places");
        }

        return _entries;
    }

    private void ReadGroup(SquashFsMetadataCursor cursor)
    {
        (SquashFsMetadataPosition position, long offset) = (cursor.Position, cursor.BytesRead);
        byte[] bytes = new byte[SquashFsDirectoryHeader.Size];
        cursor.Read(bytes);
        SquashFsDirectoryHeader header = SquashFsDirectoryHeader.Read(bytes);
        if (header.Count is 0 or > SquashFsConstants.EntriesPerHeader)
        {
            throw cursor.Malformed($"a directory header cannot count {header.Count} entries");
        }

        for (int i = 0; i < header.Count; i++)
        {
            ReadEntry(header, cursor);
            if (i == 0)
            {
                CompareIndex(position, offset);
            }
        }
    }

    private void ReadEntry(SquashFsDirectoryHeader header, SquashFsMetadataCursor cursor)
    {
        Span<byte> bytes = stackalloc byte[SquashFsDirectoryEntry.FixedSize];
        cursor.Read(bytes);
        SquashFsDirectoryEntry entry = SquashFsDirectoryEntry.Read(bytes);
        if (entry.NameLength > SquashFsConstants.NameLimit || cursor.BytesRead + entry.NameLength > Size)
        {
            throw cursor.Malformed($"a name of {entry.NameLength} bytes is too long for Linux or for its listing");
        }

        byte[] entryName = new byte[entry.NameLength];
        cursor.Read(entryName);
        if (_entries.Count > 0 && _entries[^1].Name.AsSpan().SequenceCompareTo(entryName) >= 0)
        {
            throw cursor.Malformed("the names of a directory are not ascending");
        }

        uint number = unchecked((uint)(header.InodeNumber + entry.InodeDifference));
        _entries.Add(
            new SquashFsListingEntry(
                entryName, entry.Type, number, new SquashFsMetadataPosition(header.StartBlock, entry.Offset)));
    }

    /// <summary>
    /// Where the index has a step at this header, block and name must be the header's; the kernel believes them.
    /// </summary>
    private void CompareIndex(SquashFsMetadataPosition position, long offset)
    {
        if (_indexSteps == inode.Index.Count || inode.Index[_indexSteps].ListingOffset != offset)
        {
            return;
        }

        SquashFsDirectoryIndex step = inode.Index[_indexSteps++];
        if (step.StartBlock != position.BlockStart || !step.Name.Span.SequenceEqual(_entries[^1].Name))
        {
            throw new MalformedDataException(
                table.Name,
                inode.ImageOffset,
                $"step {_indexSteps} of a directory's index leads to another place than it says");
        }
    }
}
