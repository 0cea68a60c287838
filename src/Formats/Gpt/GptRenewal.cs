namespace Images.Formats.Gpt;

/// <summary>
/// Gives a disk and some of its partitions other identifiers, in place. The backup copy is written first and is on the
/// disk before the primary one is touched: wherever the power goes, one copy is whole, and doing it again mends the
/// other.
/// </summary>
internal static class GptRenewal
{
    private const int MaximumEntryCount = 1024;

    /// <param name="disk">Seekable, the whole disk; a block device, whose stream need not know its length.</param>
    /// <param name="lbaCount">Of the disk, in blocks of 512 bytes.</param>
    /// <param name="renewed">For each partition identifier that is to change its new one.</param>
    /// <param name="diskGuid">The disk's, if a partition's changes.</param>
    /// <param name="file">The disk's name, for errors.</param>
    /// <returns>Whether an identifier changed.</returns>
    /// <exception cref="MalformedDataException">Neither copy is whole.</exception>
    public static bool Write(
        FileStream disk, ulong lbaCount, IReadOnlyDictionary<Guid, Guid> renewed, Guid diskGuid, string file) =>
        Write(disk, () => disk.Flush(flushToDisk: true), lbaCount, renewed, diskGuid, file);

    /// <param name="flush">What was written is on the disk when it returns.</param>
    public static bool Write(
        Stream disk,
        Action flush,
        ulong lbaCount,
        IReadOnlyDictionary<Guid, Guid> renewed,
        Guid diskGuid,
        string file)
    {
        (GptHeader header, byte[] entries) = ReadEither(disk, lbaCount, file);
        bool changes = Renew(entries, renewed);
        GptHeader primary = (header.CurrentLba == 1 ? header : Mirrored(header)) with
        {
            DiskGuid = changes ? diskGuid : header.DiskGuid,
            EntriesCrc32 = GptCrc32.Compute(entries),
        };
        WriteCopy(disk, Mirrored(primary), entries);
        flush();
        WriteCopy(disk, primary, entries);
        flush();
        return changes;
    }

    /// <summary>The primary copy where it is whole, else the backup at the disk's end.</summary>
    private static (GptHeader Header, byte[] Entries) ReadEither(Stream disk, ulong lbaCount, string file)
    {
        try
        {
            return Read(disk, "primary", 1, lbaCount, file);
        }
        catch (MalformedDataException)
        {
            return Read(disk, "backup", lbaCount - 1, lbaCount, file);
        }
    }

    private static (GptHeader Header, byte[] Entries) Read(
        Stream disk, string copy, ulong lba, ulong lbaCount, string file)
    {
        long offset = (long)lba * GptLayout.LogicalBlockSize;
        GptHeader header = GptHeader.Read(ReadAt(disk, offset, GptLayout.LogicalBlockSize), file, copy, offset);
        bool fits = header.CurrentLba == lba
            && header.EntrySize == GptEntry.Size
            && header.EntryCount is > 0 and <= MaximumEntryCount
            && (lba == 1 ? header.AlternateLba > BlocksOf(header) : header.AlternateLba == 1)
            && header.AlternateLba < lbaCount
            && header.EntriesLba >= 2 && header.EntriesLba < lbaCount - BlocksOf(header);
        if (!fits)
        {
            throw new MalformedDataException(file, offset, $"the {copy} GPT header does not fit the disk.");
        }

        byte[] entries = ReadAt(
            disk,
            (long)header.EntriesLba * GptLayout.LogicalBlockSize,
            checked((int)(header.EntryCount * header.EntrySize)));
        return GptCrc32.Compute(entries) == header.EntriesCrc32
            ? (header, entries)
            : throw new MalformedDataException(file, offset, $"the {copy} GPT entries do not match their CRC.");
    }

    private static bool Renew(byte[] entries, IReadOnlyDictionary<Guid, Guid> renewed)
    {
        bool changes = false;
        for (int start = 0; start < entries.Length; start += GptEntry.Size)
        {
            GptEntry entry = GptEntry.Read(entries.AsSpan(start, GptEntry.Size));
            if (entry.IsUsed && renewed.TryGetValue(entry.PartitionGuid, out Guid fresh))
            {
                // in place: whatever else stands in the entry stays as it is
                GptEntry.WritePartitionGuid(entries.AsSpan(start, GptEntry.Size), fresh);
                changes = true;
            }
        }

        return changes;
    }

    /// <summary>The other copy's header: entries follow the primary one and precede the backup.</summary>
    private static GptHeader Mirrored(GptHeader header) => header with
    {
        CurrentLba = header.AlternateLba,
        AlternateLba = header.CurrentLba,
        EntriesLba = header.AlternateLba == 1 ? 2 : header.AlternateLba - BlocksOf(header),
    };

    private static ulong BlocksOf(GptHeader header) =>
        (((ulong)header.EntryCount * header.EntrySize) + GptLayout.LogicalBlockSize - 1) / GptLayout.LogicalBlockSize;

    private static void WriteCopy(Stream disk, GptHeader header, byte[] entries)
    {
        byte[] block = new byte[GptLayout.LogicalBlockSize];
        header.WriteTo(block);
        WriteAt(disk, header.EntriesLba, entries);
        WriteAt(disk, header.CurrentLba, block);
    }

    private static void WriteAt(Stream disk, ulong lba, byte[] bytes)
    {
        disk.Position = (long)lba * GptLayout.LogicalBlockSize;
        disk.Write(bytes);
    }

    private static byte[] ReadAt(Stream disk, long offset, int count)
    {
        byte[] bytes = new byte[count];
        disk.Position = offset;
        disk.ReadExactly(bytes);
        return bytes;
    }
}
