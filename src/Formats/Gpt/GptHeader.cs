using System.Buffers.Binary;

namespace Images.Formats.Gpt;

/// <summary>The GPT header (UEFI 2.10, table 5.5): 92 bytes at the start of LBA 1 and of the disk's last LBA.</summary>
internal readonly record struct GptHeader
{
    public const int Size = 92;

    private const uint Revision = 0x00010000;

    public required ulong CurrentLba { get; init; }

    public required ulong AlternateLba { get; init; }

    public required ulong FirstUsableLba { get; init; }

    public required ulong LastUsableLba { get; init; }

    public required Guid DiskGuid { get; init; }

    public required ulong EntriesLba { get; init; }

    public required uint EntryCount { get; init; }

    public required uint EntrySize { get; init; }

    public required uint EntriesCrc32 { get; init; }

    /// <summary>Writes the record with its own CRC.</summary>
    public void WriteTo(Span<byte> header)
    {
        header = header[..Size];
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Revision);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Size);
        header[16..24].Clear(); // the CRC counts as zero while it is computed; then four reserved bytes
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], CurrentLba);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], AlternateLba);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], FirstUsableLba);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], LastUsableLba);
        DiskGuid.TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], EntriesLba);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], EntriesCrc32);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], GptCrc32.Compute(header));
    }

    /// <summary>
    /// Reads one logical block, checking signature, revision, size, CRC and that the rest of the block is zero.
    /// </summary>
    /// <param name="block">The whole logical block.</param>
    /// <param name="file">For the error: the disk.</param>
    /// <param name="copy">For the error: "primary" or "backup".</param>
    /// <param name="offset">For the error: where the block stands on the disk.</param>
    /// <exception cref="MalformedDataException">A rule of the header is broken.</exception>
    public static GptHeader Read(ReadOnlySpan<byte> block, string file, string copy, long offset)
    {
        ReadOnlySpan<byte> header = block[..Size];
        Require(header[..8].SequenceEqual("EFI PART"u8), 0, "has no signature 'EFI PART'");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Revision, 8, "has a revision other than 1.0");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == Size, 12, "has a size other than 92");
        Span<byte> zeroed = stackalloc byte[Size];
        header.CopyTo(zeroed);
        zeroed[16..20].Clear();
        Require(
            BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) == GptCrc32.Compute(zeroed),
            16,
            "does not match its CRC");
        Require(
            BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) == 0, 20, "has a reserved field that is not zero");
        Require(!block[Size..].ContainsAnyExcept((byte)0), Size, "is followed by bytes that are not zero");
        return new GptHeader
        {
            CurrentLba = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            AlternateLba = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            FirstUsableLba = BinaryPrimitives.ReadUInt64LittleEndian(header[40..]),
            LastUsableLba = BinaryPrimitives.ReadUInt64LittleEndian(header[48..]),
            DiskGuid = new Guid(header[56..72]),
            EntriesLba = BinaryPrimitives.ReadUInt64LittleEndian(header[72..]),
            EntryCount = BinaryPrimitives.ReadUInt32LittleEndian(header[80..]),
            EntrySize = BinaryPrimitives.ReadUInt32LittleEndian(header[84..]),
            EntriesCrc32 = BinaryPrimitives.ReadUInt32LittleEndian(header[88..]),
        };

        void Require(bool kept, int at, string rule)
        {
            if (!kept)
            {
                throw new MalformedDataException(file, offset + at, $"the {copy} GPT header {rule}.");
            }
        }
    }
}
