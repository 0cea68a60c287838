using System.Buffers.Binary;

namespace Images.Formats.Gpt;

/// <summary>
/// LBA 0 of a GPT disk (UEFI 2.10, 5.2.3): one record of type 0xEE over the whole disk, so that old tools see it as
/// full.
/// </summary>
internal readonly record struct ProtectiveMbr
{
    public const int Size = 512;

    private const int Record = 446;

    /// <summary>Size of the disk in logical blocks, the MBR included.</summary>
    public required ulong DiskLbaCount { get; init; }

    private uint ProtectedLbaCount => (uint)Math.Min(DiskLbaCount - 1, 0xFFFFFFFF);

    public void WriteTo(Span<byte> mbr)
    {
        mbr = mbr[..Size];
        mbr.Clear();
        Span<byte> record = mbr[Record..];
        record[0] = 0x00; // not bootable
        record[1] = 0x00; // first block as cylinder, head, sector: 0/0/2
        record[2] = 0x02;
        record[3] = 0x00;
        record[4] = 0xEE;
        record[5..8].Fill(0xFF); // last block is beyond what cylinders can say
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], ProtectedLbaCount);
        BinaryPrimitives.WriteUInt16LittleEndian(mbr[510..], 0xAA55);
    }

    /// <summary>Checks the block. The 440 bytes of boot code and the disk signature are anybody's.</summary>
    /// <exception cref="MalformedDataException">The block does not protect a GPT disk of this size.</exception>
    public void Check(ReadOnlySpan<byte> mbr, string file)
    {
        Span<byte> expected = stackalloc byte[Size];
        WriteTo(expected);
        int different = expected[Record..].CommonPrefixLength(mbr[Record..Size]) + Record;
        if (different < Size)
        {
            throw new MalformedDataException(
                file, different, "the protective MBR does not cover exactly this disk with one record of type 0xEE.");
        }
    }
}
