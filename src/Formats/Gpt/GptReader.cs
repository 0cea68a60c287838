namespace Images.Formats.Gpt;

/// <summary>
/// Reads the GPT of a disk image with blocks of 512 bytes, strictly: both copies are there, their CRCs match, they say
/// the same, and no partition overlaps another or leaves the disk.
/// </summary>
internal static class GptReader
{
    private const int MaximumEntryCount = 1024;

    /// <param name="disk">Seekable, the whole disk. Left open.</param>
    /// <param name="file">The disk's name, for errors.</param>
    /// <exception cref="MalformedDataException">
    /// A rule is broken; the first one found, in disk order of the primary, then of the backup.
    /// </exception>
    public static GptTable Read(Stream disk, string file)
    {
        ulong lbaCount = (ulong)(disk.Length / GptLayout.LogicalBlockSize);
        if (lbaCount < 68 || disk.Length % GptLayout.LogicalBlockSize != 0)
        {
            throw new MalformedDataException(
                file, disk.Length, "the length is not that of a GPT disk: at least 68 whole blocks of 512 bytes.");
        }

        new ProtectiveMbr { DiskLbaCount = lbaCount }.Check(ReadAt(disk, 0, ProtectiveMbr.Size), file);
        GptHeader primary = ReadHeader(disk, file, "primary", 1, lbaCount);
        byte[] entries = ReadEntries(disk, file, "primary", primary);
        GptHeader backup = ReadHeader(disk, file, "backup", lbaCount - 1, lbaCount);
        byte[] backupEntries = ReadEntries(disk, file, "backup", backup);
        CheckCopiesAgree(file, primary, backup, entries, backupEntries);
        return new GptTable { DiskGuid = primary.DiskGuid, Entries = ParseEntries(file, primary, entries) };
    }

    private static GptHeader ReadHeader(Stream disk, string file, string copy, ulong lba, ulong lbaCount)
    {
        long offset = (long)lba * GptLayout.LogicalBlockSize;
        GptHeader header = GptHeader.Read(ReadAt(disk, offset, GptLayout.LogicalBlockSize), file, copy, offset);
        ulong alternate = lba == 1 ? lbaCount - 1 : 1;
        Require(header.CurrentLba == lba, 24, "does not stand where it says it stands");
        Require(
            header.AlternateLba == alternate, 32, "does not name the other copy's block (the last one and block 1)");
        Require(
            header.EntrySize == GptEntry.Size && header.EntryCount is > 0 and <= MaximumEntryCount,
            80,
            "has an entry array that is not 1 to 1024 entries of 128 bytes");
        Require(
            header.FirstUsableLba <= header.LastUsableLba && header.LastUsableLba < lbaCount,
            40,
            "has a usable range that is not on the disk");
        ulong entriesEnd = checked(Math.Min(header.EntriesLba, lbaCount) + EntriesLbaCount(header));
        Require(header.EntriesLba >= 2 && entriesEnd < lbaCount, 72, "has an entry array that is not on the disk");
        return header;

        void Require(bool kept, int at, string rule)
        {
            if (!kept)
            {
                throw new MalformedDataException(file, offset + at, $"the {copy} GPT header {rule}.");
            }
        }
    }

    private static ulong EntriesLbaCount(GptHeader header) =>
        (((ulong)header.EntryCount * header.EntrySize) + GptLayout.LogicalBlockSize - 1) / GptLayout.LogicalBlockSize;

    private static byte[] ReadEntries(Stream disk, string file, string copy, GptHeader header)
    {
        long offset = (long)header.EntriesLba * GptLayout.LogicalBlockSize;
        byte[] entries = ReadAt(disk, offset, checked((int)(header.EntryCount * header.EntrySize)));
        return GptCrc32.Compute(entries) == header.EntriesCrc32
            ? entries
            : throw new MalformedDataException(file, offset, $"the {copy} GPT entries do not match their CRC.");
    }

    private static void CheckCopiesAgree(
        string file, GptHeader primary, GptHeader backup, byte[] entries, byte[] backupEntries)
    {
        GptHeader mirrored = backup with
        {
            CurrentLba = primary.CurrentLba,
            AlternateLba = primary.AlternateLba,
            EntriesLba = primary.EntriesLba,
        };
        if (mirrored != primary || !entries.AsSpan().SequenceEqual(backupEntries))
        {
            throw new MalformedDataException(
                file,
                (long)backup.CurrentLba * GptLayout.LogicalBlockSize,
                "the backup GPT says something else than the primary GPT.");
        }
    }

    private static List<GptEntry> ParseEntries(string file, GptHeader header, byte[] bytes)
    {
        List<GptEntry> entries = [];
        for (int i = 0; i < header.EntryCount; i++)
        {
            GptEntry entry = GptEntry.Read(bytes.AsSpan(i * GptEntry.Size));
            if (!entry.IsUsed)
            {
                continue;
            }

            long offset = ((long)header.EntriesLba * GptLayout.LogicalBlockSize) + (i * GptEntry.Size);
            if (entry.FirstLba < header.FirstUsableLba
                || entry.LastLba > header.LastUsableLba
                || entry.FirstLba > entry.LastLba)
            {
                throw new MalformedDataException(
                    file, offset, $"the partition {entry.Name} is not within the disk's usable blocks.");
            }

            foreach (GptEntry other in entries)
            {
                if (entry.FirstLba <= other.LastLba && other.FirstLba <= entry.LastLba)
                {
                    throw new MalformedDataException(
                        file, offset, $"the partition {entry.Name} overlaps {other.Name}.");
                }
            }

            entries.Add(entry);
        }

        return entries;
    }

    private static byte[] ReadAt(Stream disk, long offset, int count)
    {
        byte[] bytes = new byte[count];
        disk.Position = offset;
        disk.ReadExactly(bytes);
        return bytes;
    }
}
