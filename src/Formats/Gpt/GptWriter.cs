namespace Images.Formats.Gpt;

/// <summary>
/// Writes protective MBR, primary and backup GPT onto a disk; the partitions' contents stay as they are.
/// </summary>
internal static class GptWriter
{
    /// <summary>The number that every tool expects, and the least the specification allows (16,384 bytes).</summary>
    public const int EntryCount = 128;

    private const int EntriesLbaCount = EntryCount * GptEntry.Size / GptLayout.LogicalBlockSize;

    /// <param name="layout">What stands where.</param>
    /// <param name="diskGuid">Derived from content, see <see cref="ContentGuid"/>.</param>
    /// <param name="disk">Seekable, the whole disk from its first byte on. Left open.</param>
    public static void Write(GptLayout layout, Guid diskGuid, Stream disk)
    {
        ulong lbaCount = (ulong)(layout.SizeBytes / GptLayout.LogicalBlockSize);
        byte[] entries = MakeEntries(layout);
        GptHeader primary = MakePrimaryHeader(lbaCount, diskGuid, entries);
        GptHeader backup = primary with
        {
            CurrentLba = primary.AlternateLba,
            AlternateLba = primary.CurrentLba,
            EntriesLba = primary.AlternateLba - EntriesLbaCount,
        };

        byte[] mbr = new byte[GptLayout.LogicalBlockSize];
        new ProtectiveMbr { DiskLbaCount = lbaCount }.WriteTo(mbr);
        WriteAt(disk, 0, mbr);
        WriteAt(disk, primary.CurrentLba, MakeBlock(primary));
        WriteAt(disk, primary.EntriesLba, entries);
        WriteAt(disk, backup.EntriesLba, entries);
        WriteAt(disk, backup.CurrentLba, MakeBlock(backup));
    }

    private static byte[] MakeEntries(GptLayout layout)
    {
        byte[] entries = new byte[EntryCount * GptEntry.Size];
        for (int i = 0; i < layout.Partitions.Count; i++)
        {
            GptPartition partition = layout.Partitions[i];
            new GptEntry
            {
                TypeGuid = partition.TypeGuid,
                PartitionGuid = partition.PartitionGuid,
                FirstLba = partition.FirstLba,
                LastLba = partition.LastLba,
                Name = partition.Name,
            }.WriteTo(entries.AsSpan(i * GptEntry.Size));
        }

        return entries;
    }

    private static GptHeader MakePrimaryHeader(ulong lbaCount, Guid diskGuid, byte[] entries) => new()
    {
        CurrentLba = 1,
        AlternateLba = lbaCount - 1,
        FirstUsableLba = 2 + EntriesLbaCount,
        LastUsableLba = lbaCount - 2 - EntriesLbaCount,
        DiskGuid = diskGuid,
        EntriesLba = 2,
        EntryCount = EntryCount,
        EntrySize = GptEntry.Size,
        EntriesCrc32 = GptCrc32.Compute(entries),
    };

    private static byte[] MakeBlock(GptHeader header)
    {
        byte[] block = new byte[GptLayout.LogicalBlockSize];
        header.WriteTo(block);
        return block;
    }

    private static void WriteAt(Stream disk, ulong lba, byte[] bytes)
    {
        disk.Position = (long)lba * GptLayout.LogicalBlockSize;
        disk.Write(bytes);
    }
}
